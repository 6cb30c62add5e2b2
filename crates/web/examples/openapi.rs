//! Prints the OpenAPI document; `cargo xtask gen` keeps `docs/openapi.json` with it.

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    std::io::stdout().write_all(sallyport_web::rest::openapi::document().as_bytes())
}
