//! `tollgate mail`: mails that were given up, and sending them again.

use anyhow::{Context, bail};
use clap::ArgGroup;
use serde_json::json;
use tollgate_domain::{
    id::MailId,
    mail::{Delivery, LoggedMail},
    paging::PageRequest,
};

use crate::{
    config::Config,
    output::counted,
    started::{self, Schema},
};

/// After so many mails the progress is printed.
const PROGRESS: usize = 100;

/// What the command was asked to do.
#[derive(clap::Subcommand)]
pub(crate) enum MailCommand {
    /// List the mails that were given up, newest first
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Have mails that were given up sent again
    #[command(group = ArgGroup::new("which").required(true).args(["id", "all"]))]
    Retry {
        /// The mail, as `tollgate mail list` shows it
        id: Option<MailId>,
        /// All that were tried for a day, and not those whose recipient was refused
        #[arg(long)]
        all: bool,
        /// Those that were refused, too
        #[arg(long, requires = "all", conflicts_with = "id")]
        refused: bool,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

pub(crate) async fn command(config: &Config, command: MailCommand) -> anyhow::Result<()> {
    started::run(config, Schema::Keep, async |started| {
        let delivery = &started.wired.use_cases.delivery;
        match command {
            MailCommand::List { json } => list(delivery, json).await,
            MailCommand::Retry { id, refused, json, .. } => {
                retry(delivery, id, refused, json).await
            }
        }
    })
    .await
}

async fn given_up(delivery: &Delivery) -> anyhow::Result<Vec<LoggedMail>> {
    let mut page = PageRequest { limit: 100, after: None };
    let mut all = Vec::new();
    loop {
        let mails = delivery.given_up(&page).await.context("TOLLGATE_DATABASE_URL")?;
        all.extend(mails.items);
        page.after = mails.next;
        if page.after.is_none() {
            return Ok(all);
        }
    }
}

async fn list(delivery: &Delivery, as_json: bool) -> anyhow::Result<()> {
    let mails = given_up(delivery).await?;
    if as_json {
        let mails: Vec<_> = mails.iter().map(described).collect();
        say!("{:#}", json!({"mails": mails}));
        return Ok(());
    }
    for mail in &mails {
        let error = mail.last_error.as_deref().unwrap_or_default();
        let attempts = counted(mail.attempts, "attempt");
        let (id, at, kind) = (mail.id, mail.queued_at, mail.kind.as_str());
        say!("{id}  {at}  {kind}  {}  {attempts}: {error}", mail.to);
    }
    say!("{}", counted(mails.len(), "mail"));
    if !mails.is_empty() {
        say!("To send one again: tollgate mail retry ID");
        say!("To send all that were tried for a day: tollgate mail retry --all");
        say!("To send those that were refused, too: tollgate mail retry --all --refused");
    }
    Ok(())
}

/// Queues one mail again, or all that were given up because of their server, and with `refused` those that it refused, too.
async fn retry(
    delivery: &Delivery,
    id: Option<MailId>,
    refused: bool,
    as_json: bool,
) -> anyhow::Result<()> {
    let ids = if let Some(id) = id {
        vec![id]
    } else {
        let mails = given_up(delivery).await?.into_iter();
        let is_meant = |mail: &LoggedMail| refused || mail.was_tried_to_the_end();
        mails.filter(is_meant).map(|mail| mail.id).collect()
    };
    let mut queued = Vec::new();
    for (number, id) in (1..).zip(&ids) {
        if delivery.retry(*id).await.context("TOLLGATE_DATABASE_URL")? {
            queued.push(id.to_string());
        }
        if number % PROGRESS == 0 {
            note!("[{number}/{}]", ids.len());
        }
    }
    if let (Some(id), []) = (id, queued.as_slice()) {
        bail!(
            "no mail {id} was given up, or its content is no longer stored; see `tollgate mail list`"
        );
    }
    if as_json {
        say!("{:#}", json!({"queued": queued}));
    } else {
        say!("Queued again: {}", counted(queued.len(), "mail"));
        if !queued.is_empty() {
            say!(
                "The server sends them when it runs; `tollgate mail list` shows those that fail again."
            );
        }
    }
    Ok(())
}

fn described(mail: &LoggedMail) -> serde_json::Value {
    json!({
        "id": mail.id.to_string(),
        "kind": mail.kind.as_str(),
        "to": mail.to.as_str(),
        "queuedAt": mail.queued_at.to_string(),
        "attempts": mail.attempts,
        "error": mail.last_error,
    })
}

#[cfg(test)]
mod tests {
    use clap::{Command, Subcommand};

    use super::*;

    fn parsed(arguments: &[&str]) -> Result<(), String> {
        let command = MailCommand::augment_subcommands(Command::new("mail"));
        let told = command.try_get_matches_from(["mail", "retry"].iter().chain(arguments));
        told.map(drop).map_err(|error| error.to_string())
    }

    #[test]
    fn either_a_mail_or_all_are_sent_again() {
        let id = "mal_01arz3ndektsv4rrffq69g5fav";
        assert_eq!(parsed(&[id]), Ok(()));
        assert_eq!(parsed(&["--all"]), Ok(()));
        assert!(parsed(&[id, "--all"]).is_err());
        assert_eq!(parsed(&["--all", "--refused"]), Ok(()));
        assert!(parsed(&["--refused"]).is_err() && parsed(&[id, "--refused"]).is_err());
        let told = parsed(&[]).unwrap_err();
        assert!(told.contains("<ID|--all>"), "{told}");
        let told = parsed(&["mal_x"]).unwrap_err();
        assert!(told.contains("such as mal_0"), "{told}");
    }
}
