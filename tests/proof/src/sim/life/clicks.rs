//! People who click twice: what they are told must be true of one and the same command.

use serde_json::Value;

use super::Life;

impl Life {
    /// Whether money came, since this time, to where an operation took it from and before it did: then one click may be refused
    /// for want of funds and the other, a moment later, carried out.
    pub(super) async fn funded_meanwhile(&self, operation: &str, source: &str, began_ms: i64) -> bool {
        let mut commits: Vec<(String, u64, Value)> = Vec::new();
        for item in self.bank.items("LedgerEvents").await {
            let body: Value = serde_json::from_str(item["c"].as_s().unwrap()).unwrap();
            commits.push((item["pk"].as_s().unwrap().clone(), item["sk"].as_n().unwrap().parse().unwrap(), body));
        }
        let moved = |body: &Value| body["ev"].to_string().contains(operation);
        let moves = commits.iter().filter(|(pk, _, body)| pk.starts_with(source) && moved(body));
        let mut before = moves.filter_map(|(pk, sk, _)| commits.iter().find(|it| it.0 == *pk && it.1 + 1 == *sk));
        before.any(|(_, _, body)| ms_of(body["at"].as_str().unwrap()) >= began_ms)
    }
}

fn ms_of(at: &str) -> i64 {
    let at: domain::moment::Moment = at.parse().unwrap();
    i64::try_from(at.time().unix_timestamp_nanos() / 1_000_000).unwrap()
}
