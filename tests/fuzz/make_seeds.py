"""What the fuzzers start from: python make_seeds.py FOLDER (FOLDER/<fuzzer>/…, small good and bad files)"""
import pathlib
import sys
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "hostile"))
import make_corpus  # noqa: E402

MOST_BYTES = 20_000
MANIFEST = """default data='d e.h5' batch_size=128 draws=200 frozen=f feedback=seed:torch:3
name=a checkpoint=a.pt:model method="B P" seed=42 headline=0.5 feedback=stored:blocks.{l}.B
name=f checkpoint=f.st frozen=none note='x # y' credit=none loss=mse feedback=B.pt:Bs
"""


def pickled(path):
    with zipfile.ZipFile(path) as file:
        return file.read(next(name for name in file.namelist() if name.endswith("/data.pkl")))


def main():
    root = pathlib.Path(sys.argv[1])
    folders = {name: root / name for name in ("pickle", "torch_file", "safetensors_header", "manifest")}
    for folder in folders.values():
        folder.mkdir(parents=True, exist_ok=True)
    (folders["manifest"] / "runs.txt").write_text(MANIFEST)
    for name, data in make_corpus.corpus():
        if len(data) > MOST_BYTES:
            continue
        kind = "torch_file" if name.endswith(".pt") else "safetensors_header"
        (folders[kind] / name).write_bytes(data)
        if name in ("zip.pt", "protocol4.pt"):
            (folders["pickle"] / name).write_bytes(pickled(folders[kind] / name))


main()
