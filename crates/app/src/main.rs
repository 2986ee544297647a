//! The program `tollgate`: passwordless sign-in and paid access for creators.

// They panic where nobody reads; `say!` and `note!` go on.
#![deny(clippy::print_stdout, clippy::print_stderr)]

#[macro_use]
mod output;

mod backup;
mod config;
mod creators;
mod database;
mod demo;
mod doctor;
mod health;
mod keys;
mod listen;
mod logging;
mod mails;
mod passwords;
mod patience;
mod payments;
mod process;
mod reconcile;
mod sandbox;
mod serve;
mod server;
mod started;
mod system;
mod traces;
mod trust;
mod wiring;
mod workers;

use std::{net::SocketAddr, path::PathBuf, process::ExitCode};

use clap::{Parser, Subcommand};
use rustix::fs::Mode;
use url::Url;

use crate::{
    config::{Config, JwtSecret},
    traces::Traces,
};

/// The allocator. Requests make many short-lived allocations on every thread.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Passwordless visitor sign-in, gated pages and payment through the creator's own Stripe account.
#[derive(Parser)]
#[command(
    version,
    about,
    after_help = "Settings are read from TOLLGATE_* environment variables, or \
    from the TOML file that TOLLGATE_CONFIG names. See docs/configuration.md."
)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Serve pages and the API (what happens without a command, too)
    Serve,
    /// Bring the database's schema up to date
    Migrate,
    /// Fill an empty database with a creator and three pages
    Demo,
    /// Compare every Stripe account that is or was connected with what is stored about it, and mend what differs
    Reconcile(reconcile::Options),
    /// Say whether the server on this machine answers
    Health,
    /// Say what is wrong with this installation, and how to mend it
    Doctor(doctor::Options),
    /// Save the database and the files to one archive, while the server runs
    Backup {
        /// The archive to make
        file: PathBuf,
    },
    /// Restore an archive to an empty place
    Restore {
        /// The archive to read
        file: PathBuf,
    },
    /// Look after creators' accounts
    #[command(subcommand)]
    Creator(creators::CreatorCommand),
    /// Look after mails that could not be sent
    #[command(subcommand)]
    Mail(mails::MailCommand),
    /// Print the settings in effect, without secrets
    Config {
        /// Print a JSON schema of the file that `TOLLGATE_CONFIG` names instead
        #[arg(long)]
        schema: bool,
    },
    /// Print the OpenAPI description of the HTTP interface
    Openapi,
    /// Run the Stripe sandbox alone
    StripeSandbox {
        /// The address to listen on
        #[arg(long, default_value = "127.0.0.1:8081")]
        listen: SocketAddr,
        /// The directory to keep state in
        #[arg(long, default_value = "var/stripe-sandbox")]
        state: PathBuf,
        /// Where to send webhooks
        #[arg(long, value_parser = web_address)]
        webhook_url: Option<String>,
    },
}

/// Returns the text if it is the address of a server.
fn web_address(text: &str) -> Result<String, &'static str> {
    let is_http = Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_http {
        Ok(text.to_owned())
    } else {
        Err("it has to start with http:// or https://, and name a server")
    }
}

fn main() -> ExitCode {
    process::note_start();
    // Whatever is written may hold addresses and links, so it is for this user alone: 0600 and 0700.
    rustix::process::umask(Mode::from_raw_mode(0o077));
    match run(Arguments::parse().command.unwrap_or(Command::Serve)) {
        Ok(()) if output::has_failed() => {
            note!("tollgate: standard output could not be written");
            ExitCode::FAILURE
        }
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // The error and its causes are printed on one line.
            note!("tollgate: {}", format!("{error:#}").replace('\n', " "));
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    match command {
        Command::Openapi => {
            say!("{:#}", tollgate_http::openapi());
            return Ok(());
        }
        Command::Config { schema } => {
            let text = if schema { format!("{:#}\n", Config::schema()) } else { Config::shown()? };
            output::print(format_args!("{text}"));
            return Ok(());
        }
        _ => {}
    }
    let jwt_secret = match command {
        Command::StripeSandbox { .. } => JwtSecret::Optional,
        _ => JwtSecret::Required,
    };
    let config = Config::load(jwt_secret).inspect_err(|error| {
        if let Command::Doctor(options) = &command {
            options.report_settings(error);
        }
    })?;
    // Installs the TLS provider of the process. A second call fails because one is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let traces = match command {
        Command::Serve => Traces::start(&config)?,
        _ => None,
    };
    let _flush = logging::start(&config.log, traces.as_ref())?;
    let runtime =
        tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let ended = runtime.block_on(async {
        match command {
            Command::Serve => serve::serve(config).await,
            Command::Migrate => serve::migrate(&config).await,
            Command::Demo => demo::command(&config).await,
            Command::Reconcile(options) => reconcile::command(&config, options).await,
            Command::Health => health::command(&config),
            Command::Doctor(options) => doctor::command(&config, options).await,
            Command::Backup { file } => backup::backup(&config, file).await,
            Command::Restore { file } => backup::restore(&config, file).await,
            Command::Mail(command) => mails::command(&config, command).await,
            Command::Creator(command) => creators::command(&config, command).await,
            Command::StripeSandbox { listen, state, webhook_url } => {
                sandbox::alone(&config, listen, state, webhook_url).await
            }
            Command::Openapi | Command::Config { .. } => Ok(()),
        }
    });
    // While there is a log that says whether the last traces were sent.
    drop(traces);
    ended
}
