//! A PostgreSQL cluster in a temporary folder, which ends with the process that started it.

use std::fs;
use std::os::unix::fs::chown;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::time::Duration;

/// Who runs the server where the tests run as root: `postgres` refuses to.
const SERVANT: u32 = 65_534;

/// Starts the server $2 in the folder $1 and waits for its standard input to close, which happens
/// when the test process ends, however it ends. Then nothing is left behind.
const SUPERVISE: &str = r#"
cd "$1" || exit 1
trap '' INT TERM
"$2" -D data -k "$1" -c listen_addresses= -c fsync=off -c full_page_writes=off \
    -c synchronous_commit=off -c max_connections=300 \
    -c default_transaction_isolation='read committed' \
    >"$1/log" 2>&1 &
server=$!
read -r _
kill -QUIT "$server"
wait "$server"
rm -rf "$1"
"#;

/// The folder of this process's cluster, which holds its socket; started on first use.
pub(crate) fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(start)
}

fn start() -> PathBuf {
    // Short: the path of a Unix socket holds at most 107 bytes.
    let folder = tempfile::Builder::new().prefix("authcore-pg-").tempdir_in("/tmp");
    let folder = folder.expect("a temporary folder").keep();
    if is_root() {
        chown(&folder, Some(SERVANT), Some(SERVANT)).expect("root may");
    }
    let made = as_servant(&binary("initdb"))
        .args(["--no-sync", "--encoding=UTF8", "--locale=C", "--auth=trust"])
        .args(["--username=authcore", "--pgdata"])
        .arg(folder.join("data"))
        .output()
        .expect("initdb runs");
    assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
    let supervisor = as_servant(Path::new("sh"))
        .args(["-c", SUPERVISE, "sh"])
        .arg(&folder)
        .arg(binary("postgres"))
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("a shell");
    // Kept open until this process ends.
    std::mem::forget(supervisor);
    wait_for(&folder);
    folder
}

/// Looks until the server says that it answers: there is no event to wait for from outside.
fn wait_for(folder: &Path) {
    for _ in 0..1200 {
        let log = fs::read_to_string(folder.join("log")).unwrap_or_default();
        if log.contains("ready to accept connections") {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("postgres: {}", fs::read_to_string(folder.join("log")).unwrap_or_default());
}

/// On PATH, or where Debian keeps it.
fn binary(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    let found = folders.into_iter().map(|folder| folder.join(name)).find(|path| path.exists());
    found.unwrap_or_else(|| panic!("{name} is missing: see `make deps`"))
}

fn as_servant(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command.arg(format!("--reuid={SERVANT}")).arg(format!("--regid={SERVANT}"));
    command.arg("--clear-groups").arg(program).env("HOME", "/nonexistent");
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}
