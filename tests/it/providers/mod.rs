//! The providers, each with tokens as it really gives them out.

mod accepted;
mod cloudflare_access;
mod constructors;
mod identities;
mod misuse;
mod named;
mod presets;
mod world;

use presets::PRESETS;
use presets::Preset;
use world::World;
