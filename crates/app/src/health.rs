//! `tollgate health`: whether the server of these settings answers, for the health check of a container.

use std::{
    io::{Read, Write},
    time::Duration,
};

use anyhow::{Context, bail};

use crate::{config::Config, listen};

const PATIENCE: Duration = Duration::from_secs(3);

/// Asks `/healthz` of the server on this machine.
pub(crate) fn command(config: &Config) -> anyhow::Result<()> {
    let (address, stream) = listen::connect(config.listen, PATIENCE);
    let silent = || format!("the server at {address} does not answer; see its log");
    let mut stream = stream.with_context(silent)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    let request = format!("GET /healthz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).with_context(silent)?;
    let mut answer = String::new();
    stream.take(4096).read_to_string(&mut answer).with_context(silent)?;
    if !answer.starts_with("HTTP/1.1 200") {
        bail!("the server at {address} is not well; see its log");
    }
    say!("ok");
    Ok(())
}
