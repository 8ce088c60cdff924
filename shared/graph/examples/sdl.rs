//! Prints a schema: `cargo run -p graph --example sdl > schema.graphql`, and with `-- back-office` for `backoffice.graphql`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let text = match std::env::args().nth(1).as_deref() {
        Some("back-office") => graph::back_office_sdl(),
        Some(_) | None => graph::sdl(),
    };
    std::io::stdout().lock().write_all(text.as_bytes())
}
