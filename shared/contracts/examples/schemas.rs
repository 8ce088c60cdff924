//! Writes the schemas of everything that leaves a boundary: `make schemas`.

use std::{error::Error, fs, path::PathBuf};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(std::env::args().nth(1).ok_or("name the folder to write to")?);
    for (name, schema) in contracts::milestones::schemas() {
        fs::write(folder.join(format!("{name}.json")), format!("{}\n", serde_json::to_string_pretty(&schema)?))?;
    }
    Ok(())
}
