//! Is the request carrying credentials, and how many?

mod authorization;

pub(crate) use authorization::Credentials;
pub(crate) use authorization::NoCredentials;
pub(crate) use authorization::read;
