"""What every host must do over HTTP; `--host` says which one is asked."""
