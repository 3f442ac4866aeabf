//! The name of a gRPC service, through the layers around it.

use tonic::server::NamedService;

use crate::authenticate::Auth;
use crate::authorize::RequireScope;
use crate::drain::DrainUnreadService;

impl<S: NamedService> NamedService for Auth<S> {
    const NAME: &'static str = S::NAME;
}

impl<S: NamedService> NamedService for DrainUnreadService<S> {
    const NAME: &'static str = S::NAME;
}

impl<S: NamedService> NamedService for RequireScope<S> {
    const NAME: &'static str = S::NAME;
}
