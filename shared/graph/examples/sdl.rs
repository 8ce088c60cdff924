//! Prints the schema: `cargo run -p graph --example sdl > schema.graphql`.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().lock().write_all(graph::sdl().as_bytes())
}
