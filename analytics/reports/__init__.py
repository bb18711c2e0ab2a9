"""Reports: built from the questions of the screens, drawn without a browser, sent, and kept as they were."""
