"""A private Slurm of one node: daemons, keys, ports and folders of its own, nothing of the machine's is touched."""
import contextlib
import ctypes
import getpass
import os
import pathlib
import random
import shutil
import signal
import socket
import subprocess
import time

PROGRAMS = ("munged", "slurmctld", "slurmd", "srun", "sbatch", "squeue", "scancel", "scontrol", "sinfo")
SBIN = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])

CONFIGURATION = """\
ClusterName=fatest
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
# Short: a requeued job starts again only when the credential of its first start has expired.
AuthInfo=socket={folder}/munge-run/sock,cred_expire=5
SlurmctldPort={port}
SlurmdPort={slurmd_port}
SrunPortRange={first_srun_port}-{last_srun_port}
CommunicationParameters=NoInAddrAny,NoCtldInAddrAny
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
TmpFS={folder}/tmp
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/log/slurmctld.log
SlurmdLogFile={folder}/log/slurmd.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,sched_min_interval=100000
MpiDefault=none
SwitchType=switch/none
ReturnToService=2
JobRequeue=1
KillWait=5
SlurmctldTimeout=30
SlurmdTimeout=30
NodeName={host} NodeAddr=127.0.0.1 CPUs=4 Boards=1 SocketsPerBoard=1 CoresPerSocket=4 ThreadsPerCore=1 \
RealMemory=2000 State=UNKNOWN
PartitionName=test Nodes={host} Default=YES MaxTime=INFINITE State=UP OverSubscribe=NO
"""


def program(name):
    return shutil.which(name, path=SBIN)


def missing_programs():
    return [name for name in PROGRAMS if program(name) is None]


def free_ports(count):
    """The first of `count` consecutive ports of the loopback on which nobody listens."""
    for _ in range(200):
        first = random.randrange(20000, 60000 - count)
        with contextlib.ExitStack() as sockets, contextlib.suppress(OSError):
            for port in range(first, first + count):
                sockets.enter_context(socket.socket()).bind(("127.0.0.1", port))
            return first
    raise AssertionError("no free ports were found")


def dies_with_its_parent():
    """Also when a test is killed nothing stays behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


class Cluster:
    """Running from its construction to stop()."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.daemons = []
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith(("SLURM", "PMIX"))}
        self.environment |= {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": SBIN}
        self.configure()
        try:
            self.start()
        except BaseException:
            self.stop()
            raise

    def configure(self):
        for name in ("munge", "munge-run", "state", "spool", "log", "tmp"):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        (self.folder / "munge").chmod(0o700)
        key = self.folder / "munge/key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        port = free_ports(62)
        (self.folder / "slurm.conf").write_text(CONFIGURATION.format(
            host=socket.gethostname().split(".")[0], user=getpass.getuser(), folder=self.folder, port=port,
            slurmd_port=port + 1, first_srun_port=port + 2, last_srun_port=port + 61))

    def start(self):
        munge, configuration = self.folder / "munge", self.environment["SLURM_CONF"]
        socket_path = self.folder / "munge-run/sock"
        self.start_daemon("munged", "--foreground", "--force", f"--key-file={munge}/key", f"--socket={socket_path}",
                          f"--pid-file={self.folder}/munge-run/munged.pid", f"--log-file={self.folder}/log/munged.log",
                          f"--seed-file={munge}/seed", "--num-threads=2")
        self.wait_for(socket_path.exists, 10, "munged did not start")
        self.start_daemon("slurmctld", "-D", "-i", "-f", configuration)
        self.start_daemon("slurmd", "-D", "-f", configuration, "-N", socket.gethostname().split(".")[0])
        self.wait_for(lambda: "idle" in self.run("sinfo", "-h", "-o", "%T", check=False), 30, "the node did not become idle")

    def start_daemon(self, name, *arguments):
        with open(self.folder / f"log/{name}.out", "ab") as log:
            self.daemons.append(subprocess.Popen([program(name), *arguments], env=self.environment, cwd=self.folder,
                                                 stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                                                 # Ctrl-C is for the test, which stops the daemons in order.
                                                 start_new_session=True, preexec_fn=dies_with_its_parent))

    def stop(self):
        """Jobs first (their step daemons outlive slurmd), then the daemons, each by its own process."""
        if len(self.daemons) == 3:
            with contextlib.suppress(AssertionError, subprocess.TimeoutExpired):
                if jobs := self.run("squeue", "-h", "-o", "%i", check=False).split():
                    self.run("scancel", *jobs, check=False)
                self.wait_for(lambda: not self.run("squeue", "-h", "-o", "%i", check=False), 15, "jobs are left")
        for daemon in reversed(self.daemons):
            daemon.terminate()
            try:
                daemon.wait(10)
            except subprocess.TimeoutExpired:
                daemon.kill()
                daemon.wait()
        self.daemons = []

    def wait_for(self, condition, seconds, what):
        end = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > end:
                raise AssertionError(f"{what} in {seconds} s:\n{self.last_words()}")
            time.sleep(0.05)

    def last_words(self):
        return "\n".join(f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:])
                         for log in sorted((self.folder / "log").iterdir()))

    def run(self, name, *arguments, check=True, timeout=60):
        """What a Slurm command printed."""
        done = subprocess.run([program(name), *map(str, arguments)], env=self.environment, capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, timeout=timeout)
        if check and done.returncode != 0:
            raise AssertionError(f"{name} {arguments} ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stdout.strip()

    def submit(self, folder, script, *arguments, options=(), **variables):
        """A job's number; `variables` are in its environment."""
        done = subprocess.run([program("sbatch"), "--parsable", f"--chdir={folder}", "--output=job-%j.log", *options,
                               str(script), *map(str, arguments)], env=self.environment | variables, cwd=folder,
                              capture_output=True, text=True, timeout=60)
        if done.returncode != 0:
            raise AssertionError(f"sbatch {script}: {done.stderr}")
        return done.stdout.strip()

    def jobs(self, number):
        """What Slurm knows of a job, or of an array's tasks: a dict of words each."""
        lines = self.run("scontrol", "--oneliner", "show", "job", number).splitlines()
        return [dict(word.split("=", 1) for word in line.split() if "=" in word) for line in lines]

    def wait_until_ended(self, number, seconds=60):
        """The jobs' last words, once none of them runs or waits."""
        over = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY", "BOOT_FAIL")
        self.wait_for(lambda: all(job["JobState"] in over for job in self.jobs(number)), seconds,
                      f"job {number} did not end")
        return self.jobs(number)
