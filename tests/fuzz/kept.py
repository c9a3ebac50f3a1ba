"""The fuzzers' corpora as the repository keeps them, one zip each: python kept.py pack|unpack FOLDER FILE.zip

Equal corpora have equal bytes: no times in the zip, names in order.
"""
import pathlib
import sys
import zipfile

command, folder, archive = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
if command == "pack":
    archive.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.iterdir()):
            file.writestr(zipfile.ZipInfo(path.name), path.read_bytes(), zipfile.ZIP_DEFLATED)
elif archive.exists():
    with zipfile.ZipFile(archive) as file:
        file.extractall(folder)
