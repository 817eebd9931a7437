"""The entry of the plugin: profiles a dataset."""
import hashlib
import json
import platform
from pathlib import Path

from . import ID, PUBLISHER, VERSION
from .config import read_config
from .problem import ProfileError
from .profile import profile_file
from .report import report

BUNDLE_TYPE = "openlab.csv-profile"
BUNDLE_VERSION = "1.0.0"


def run(dataset_dir, out_dir, config, *, work_dir=None, dry_run=False):
    """
    Profiles every CSV file of the dataset into out_dir. A dry run checks the configuration, finds the files and writes
    nothing. The same dataset gives the same bytes: no output holds a time or a path of this machine.
    """
    settings = read_config(config)
    dataset = Path(dataset_dir)
    names = sorted(path.relative_to(dataset).as_posix() for path in dataset.rglob("*.csv") if path.is_file())
    if not names:
        raise ProfileError("the dataset holds no file **/*.csv")
    if dry_run:
        return
    files = [profile_file(dataset / name, name, settings) for name in names]
    profile = {"profile_version": 1, "config": settings._asdict(), "files": files}
    outputs = {
        "profile.json": _json(profile),
        "profile.md": report(profile),
        "resultbundle.json": _json(_bundle()),
    }
    outputs["provenance.json"] = _json(_provenance(profile, outputs))
    for name, text in outputs.items():
        (Path(out_dir) / name).write_bytes(text.encode())


def _bundle():
    return {
        "resultbundle_type": BUNDLE_TYPE,
        "schema_version": BUNDLE_VERSION,
        "time_reference": {"kind": "none", "unit": "none"},
        "producer": {"tool_ref": f"{PUBLISHER}/{ID}", "tool_version": VERSION},
        "source": {"root": ".", "root_base": "dataset_dir"},
        "files": [
            {"path": "profile.json", "role": "profile", "format": "json", "required": True},
            {"path": "profile.md", "role": "report", "format": "markdown", "required": True},
        ],
    }


def _provenance(profile, outputs):
    return {
        "plugin": {"id": ID, "publisher": PUBLISHER, "version": VERSION},
        "python": platform.python_version(),
        "config": profile["config"],
        "inputs": [{key: file[key] for key in ("path", "bytes", "sha256")} for file in profile["files"]],
        "outputs": [
            {"path": name, "bytes": len(text.encode()), "sha256": hashlib.sha256(text.encode()).hexdigest()}
            for name, text in outputs.items()
        ],
    }


def _json(value):
    return json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"
