//! Keys of the bank in memory and of those outside it.

use std::{fs, path::Path, sync::OnceLock};

use granary::{runner::Keys, services::cognito::PoolKeys};
use simulators::{clearbank, fireblocks};

/// RSA keys take long to make in a debug build: made once and kept under `target/`.
pub fn keys() -> &'static Keys {
    static KEYS: OnceLock<Keys> = OnceLock::new();
    KEYS.get_or_init(|| {
        let pool = OnceLock::<PoolKeys>::new();
        let pool = || pool.get_or_init(|| PoolKeys::generate().unwrap());
        let made = || clearbank::Bank::open(None).unwrap().private_key_pem().to_owned();
        Keys {
            clearbank: kept("clearbank.pem", made),
            id_tokens: kept("id-tokens.pem", || pool().id_pem().to_owned()),
            access_tokens: kept("access-tokens.pem", || pool().access_pem().to_owned()),
            signing: ["WebhookReplyKey", "CustodianRequestKey"]
                .map(|key| (key.to_owned(), kept(&format!("{key}.pem"), made)))
                .into(),
            custodian: kept("custodian.pem", || {
                fireblocks::Fireblocks::open(None).unwrap().private_key_pem().to_owned()
            }),
        }
    })
}

/// Tests run in many processes at once, so the file appears whole or not at all.
fn kept(name: &str, make: impl FnOnce() -> String) -> String {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/test-keys"));
    let path = folder.join(name);
    if let Ok(kept) = fs::read_to_string(&path) {
        return kept;
    }
    fs::create_dir_all(folder).unwrap();
    let mut file = tempfile::NamedTempFile::new_in(folder).unwrap();
    std::io::Write::write_all(&mut file, make().as_bytes()).unwrap();
    let _another_was_faster = file.persist_noclobber(&path);
    fs::read_to_string(&path).unwrap()
}
