//! The providers, each with tokens as it really gives them out.

mod accepted;
mod cloudflare_access;
mod constructors;
mod identities;
mod misuse;
mod named;
mod presets;
mod variants;
mod world;

use presets::PRESETS;
use presets::Preset;
use variants::VARIANTS;
use world::World;

/// All of them.
fn presets() -> impl Iterator<Item = &'static Preset> {
    PRESETS.iter().chain(VARIANTS)
}
