//! Listening on the addresses of the settings.

use std::{
    io::{self, ErrorKind},
    net::{SocketAddr, TcpListener},
};

/// Listens on an address. An error names the setting that it comes from.
pub(crate) fn at(name: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| cannot_listen(name, address, error))
}

/// Returns the error that an address cannot be listened on, which says who may hold it.
pub(crate) fn cannot_listen(name: &str, address: SocketAddr, error: io::Error) -> anyhow::Error {
    let question = if error.kind() == ErrorKind::AddrInUse { " (is it in use?)" } else { "" };
    anyhow::Error::new(error).context(format!("{name}: cannot listen on {address}{question}"))
}
