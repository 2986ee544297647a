//! `tollgate creator`: what the operator does with creators' accounts.

use anyhow::Context;
use serde_json::json;
use tollgate_domain::{
    creators::{Administration, AdministrationError, Creator},
    email::Email,
    paging::PageRequest,
};

use crate::{
    config::Config,
    output::counted,
    started::{self, Schema},
};

/// What the command was asked to do.
#[derive(clap::Subcommand)]
pub(crate) enum CreatorCommand {
    /// List all creators, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a link that sets a new password once, within 30 minutes
    ResetPassword {
        /// The address of the account
        email: Email,
    },
    /// Sign a creator out everywhere
    EndSessions {
        /// The address of the account
        email: Email,
    },
    /// Stop a creator from signing in and selling; buyers keep access
    Suspend {
        /// The address of the account
        email: Email,
        /// Let the creator sign in and sell again
        #[arg(long)]
        lift: bool,
    },
}

pub(crate) async fn command(config: &Config, command: CreatorCommand) -> anyhow::Result<()> {
    started::run(config, Schema::Keep, async |started| {
        carry_out(&started.wired.use_cases.administration, command).await
    })
    .await
}

async fn carry_out(administration: &Administration, command: CreatorCommand) -> anyhow::Result<()> {
    match command {
        CreatorCommand::List { json } => list(administration, json).await?,
        CreatorCommand::ResetPassword { email } => {
            let link = administration.reset_password(&email).await.map_err(explained)?;
            say!(
                "Anyone who opens this link within 30 minutes can set a new password for {email}:"
            );
            say!("{link}");
        }
        CreatorCommand::EndSessions { email } => {
            administration.end_sessions(&email).await.map_err(explained)?;
            say!("{email} is signed out everywhere.");
        }
        CreatorCommand::Suspend { email, lift: false } => {
            administration.suspend(&email).await.map_err(explained)?;
            say!("{email} can neither sign in nor sell. Buyers keep what they bought.");
            say!("To undo it: tollgate creator suspend --lift {email}");
        }
        CreatorCommand::Suspend { email, lift: true } => {
            administration.lift(&email).await.map_err(explained)?;
            say!("{email} can sign in and sell again.");
        }
    }
    Ok(())
}

/// Adds to an error how to mend it.
fn explained(error: AdministrationError) -> anyhow::Error {
    match error {
        AdministrationError::NotFound(_) => {
            anyhow::anyhow!("{error}; `tollgate creator list` shows all")
        }
        AdministrationError::Suspended(ref email) => {
            anyhow::anyhow!("{error}; `tollgate creator suspend --lift {email}` undoes it")
        }
        AdministrationError::Store(_) => anyhow::Error::new(error).context("TOLLGATE_DATABASE_URL"),
    }
}

async fn list(administration: &Administration, as_json: bool) -> anyhow::Result<()> {
    let mut page = PageRequest { limit: 100, after: None };
    let mut all = Vec::new();
    loop {
        let creators = administration.creators(&page).await.context("TOLLGATE_DATABASE_URL")?;
        all.extend(creators.items);
        page.after = creators.next;
        if page.after.is_none() {
            break;
        }
    }
    if as_json {
        let creators: Vec<_> = all.iter().map(described).collect();
        say!("{:#}", json!({"creators": creators}));
    } else {
        all.iter().for_each(print);
        say!("{}", counted(all.len(), "creator"));
    }
    Ok(())
}

fn print(creator: &Creator) {
    let state = match (creator.suspended_at, creator.email_verified_at) {
        (Some(since), _) => format!("suspended since {since}"),
        (None, Some(_)) => "active".to_owned(),
        (None, None) => "address not confirmed".to_owned(),
    };
    say!("{}  {}  {}  {state}", creator.id, creator.created_at, creator.email);
}

fn described(creator: &Creator) -> serde_json::Value {
    json!({
        "id": creator.id.to_string(),
        "email": creator.email.as_str(),
        "name": creator.name,
        "createdAt": creator.created_at.to_string(),
        "emailVerified": creator.email_verified_at.is_some(),
        "suspendedAt": creator.suspended_at.map(|since| since.to_string()),
    })
}
