"""Starting the programs as a user would, alone or under mpirun, each with temporary folders of its own."""
import os
import pathlib
import subprocess
import tempfile


class Programs:
    """The programs of one folder; `work` holds what their runs leave behind."""

    def __init__(self, folder, work):
        self.folder = pathlib.Path(folder).resolve()
        self.work = pathlib.Path(work).resolve()

    def path(self, program):
        return self.folder / program

    def environment(self, session):
        extra = {
            "OMPI_MCA_pml": "ob1",
            "OMPI_MCA_orte_tmpdir_base": session,
            "OMPI_MCA_btl_vader_backing_directory": session,
        }
        if os.getuid() == 0:
            extra |= {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
        return os.environ | extra

    def command(self, program, arguments, ranks):
        launcher = ["mpirun", "-q", "--oversubscribe", "-n", str(ranks)] if ranks else []
        return [*launcher, str(self.path(program)), *map(str, arguments)]

    def start(self, program, *arguments, ranks=0, session, **options):
        """A running process, with its output in pipes."""
        return subprocess.Popen(self.command(program, arguments, ranks), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env=self.environment(session), cwd=self.work, **options)

    def run(self, program, *arguments, ranks=0, timeout=60):
        """A finished process: returncode, stdout, stderr."""
        # Short: Open MPI puts sockets in there, whose paths have at most 107 characters.
        with tempfile.TemporaryDirectory(prefix="fa", dir="/tmp") as session:
            return subprocess.run(self.command(program, arguments, ranks), capture_output=True, text=True, cwd=self.work,
                                  env=self.environment(session), timeout=timeout, stdin=subprocess.DEVNULL)

    def audit(self, manifest, output, *arguments, ranks=0, expect=0, timeout=240):
        """fa-harness; complains with its output if the exit code is another than expected."""
        done = self.run("fa-harness", "--manifest", manifest, "--output", output, *arguments, ranks=ranks, timeout=timeout)
        if done.returncode != expect:
            raise AssertionError(f"fa-harness ended with {done.returncode}, not {expect}:\n{done.stdout}\n{done.stderr}")
        return done
