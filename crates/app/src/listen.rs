//! Listening on the addresses of the settings.

use std::{
    io::{self, ErrorKind},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream},
    time::Duration,
};

use rustix::net::sockopt::ipv6_v6only;

/// Listens on an address. An error names the setting that it comes from.
pub(crate) fn at(name: &str, address: SocketAddr) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).map_err(|error| cannot_listen(name, address, error))
}

/// Returns the error that an address cannot be listened on, which says who may hold it.
pub(crate) fn cannot_listen(name: &str, address: SocketAddr, error: io::Error) -> anyhow::Error {
    let question = if error.kind() == ErrorKind::AddrInUse { " (is it in use?)" } else { "" };
    anyhow::Error::new(error).context(format!("{name}: cannot listen on {address}{question}"))
}

/// Returns the address at which a server that listens is asked on this machine.
pub(crate) fn local_address(listener: &TcpListener) -> io::Result<SocketAddr> {
    let bound = listener.local_addr()?;
    if !bound.ip().is_unspecified() {
        return Ok(bound);
    }
    // Whether `[::]` takes IPv4, too, depends on the system.
    let takes_ipv4 = bound.is_ipv4() || !ipv6_v6only(listener)?;
    let ip = if takes_ipv4 { Ipv4Addr::LOCALHOST.into() } else { Ipv6Addr::LOCALHOST.into() };
    Ok(SocketAddr::new(ip, bound.port()))
}

/// Connects to another process on this machine that listens on an address. Also returns where it was asked.
pub(crate) fn connect(
    listens: SocketAddr,
    patience: Duration,
) -> (SocketAddr, io::Result<TcpStream>) {
    let to = |address: SocketAddr| (address, TcpStream::connect_timeout(&address, patience));
    let at = |ip: IpAddr| to(SocketAddr::new(ip, listens.port()));
    match listens.ip() {
        // An address of a link has the number of its interface, too.
        ip if !ip.is_unspecified() => to(listens),
        IpAddr::V4(_) => at(Ipv4Addr::LOCALHOST.into()),
        // It may take no IPv4, and a machine where it does may have no address of IPv6.
        IpAddr::V6(_) => {
            let first = at(Ipv6Addr::LOCALHOST.into());
            if first.1.is_ok() { first } else { at(Ipv4Addr::LOCALHOST.into()) }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::SocketAddrV6;

    use rustix::net::{self, AddressFamily, SocketType, sockopt::set_ipv6_v6only};

    use super::*;

    const PATIENCE: Duration = Duration::from_secs(3);

    fn everywhere(port: u16) -> SocketAddr {
        (Ipv6Addr::UNSPECIFIED, port).into()
    }

    #[test]
    fn server_on_all_addresses_is_asked_where_it_answers() {
        let localhost: [IpAddr; 2] = [Ipv6Addr::LOCALHOST.into(), Ipv4Addr::LOCALHOST.into()];
        for ip in localhost {
            // A machine may have no IPv6.
            let Ok(listener) = TcpListener::bind((ip, 0)) else { continue };
            let address = listener.local_addr().unwrap();
            let (asked, stream) = connect(everywhere(address.port()), PATIENCE);
            assert!(stream.is_ok());
            assert_eq!(asked, address);
            assert_eq!(local_address(&listener).unwrap(), address);
        }
    }

    #[test]
    fn interface_of_an_address_is_kept() {
        let listens = SocketAddr::from(SocketAddrV6::new(Ipv6Addr::LOCALHOST, 1, 0, 1));
        assert_eq!(connect(listens, PATIENCE).0, listens);
    }

    #[test]
    fn address_on_this_machine_is_one_that_the_socket_takes() {
        for (alone, expected) in
            [(true, Ipv6Addr::LOCALHOST.into()), (false, IpAddr::from(Ipv4Addr::LOCALHOST))]
        {
            let Ok(socket) = net::socket(AddressFamily::INET6, SocketType::STREAM, None) else {
                continue;
            };
            set_ipv6_v6only(&socket, alone).unwrap();
            net::bind(&socket, &everywhere(0)).unwrap();
            net::listen(&socket, 1).unwrap();
            let listener = TcpListener::from(socket);
            assert_eq!(local_address(&listener).unwrap().ip(), expected);
        }
        let listener = TcpListener::bind("0.0.0.0:0").unwrap();
        assert_eq!(local_address(&listener).unwrap().ip(), IpAddr::from(Ipv4Addr::LOCALHOST));
    }
}
