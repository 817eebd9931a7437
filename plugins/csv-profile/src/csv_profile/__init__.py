"""Profiles the CSV files of a dataset. Importing this package loads nothing heavy."""

ID = "csv-profile"
PUBLISHER = "openlab"
VERSION = "0.1.0"


def get_plugin():
    """What a runner of the dataset contract needs to list this plugin."""
    return {
        "meta": {
            "api_version": "mdivicomtools.plugin.v0.1",
            "id": ID,
            "publisher": PUBLISHER,
            "kind": "python",
            "version": VERSION,
            "name": "CSV profile",
            "description": "Profiles every CSV file of a dataset, however large: what each column holds, "
            "what is missing, and which lines are not as they should be.",
            "license": "Apache-2.0",
            "inputs": [{"name": "tables", "path_globs": ["**/*.csv"]}],
            "outputs": [
                {"name": "profile", "paths": ["profile.json"]},
                {"name": "report", "paths": ["profile.md"]},
                {"name": "bundle", "paths": ["resultbundle.json"]},
                {"name": "provenance", "paths": ["provenance.json"]},
            ],
        },
        "entry": {"callable": "csv_profile.run:run"},
    }
