//! The connection of a request, so that it can be cut.

use std::any::Any;
use std::net::{Shutdown, TcpStream};
use std::os::fd::AsFd;

use actix_web::dev::Extensions;

/// A second handle of a client's connection.
#[derive(Debug)]
pub(crate) struct Connection(TcpStream);

impl Connection {
    /// Keeps a handle of a new connection with it.
    pub(crate) fn keep(connection: &dyn Any, data: &mut Extensions) {
        let stream = connection.downcast_ref::<actix_web::rt::net::TcpStream>();
        let handle = stream.and_then(|stream| stream.as_fd().try_clone_to_owned().ok());
        if let Some(handle) = handle {
            data.insert(Self(TcpStream::from(handle)));
        }
    }

    /// Closes the connection, so that the client gets no answer.
    pub(crate) fn cut(&self) {
        if let Err(error) = self.0.shutdown(Shutdown::Both) {
            tracing::debug!(%error, "a connection was closed already");
        }
    }
}
