//! Allowlists of files.

use std::collections::BTreeSet;

use super::{AllowlistEntry, File, FileError, Files, manage::MAX_ROUNDS};
use crate::{
    access::FactKind,
    creators::Creator,
    email::Email,
    id::AllowlistId,
    names::{HandleName, Slug},
    paging::{Listing, PageRequest},
    store_error::StoreError,
    visitor_auth::{ensure_visitor, ensure_visitors},
};

/// How many addresses one unit of work puts on an allowlist, so that it keeps others from writing for a moment only.
const ADDRESSES_AT_ONCE: usize = 200;

/// A line of a list of addresses that is not an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvalidLine {
    /// The number of the line, from 1.
    pub line: usize,
    /// What the line says.
    pub text: String,
}

/// The outcome of adding many addresses to an allowlist.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BulkOutcome {
    /// How many addresses were added.
    pub added: usize,
    /// How many were on the list already, or more than once in the request.
    pub known: usize,
    /// The lines that are not addresses and were left out.
    pub invalid: Vec<InvalidLine>,
}

impl Files {
    /// Adds an address to the file's allowlist. Returns `true` if it was not on it.
    pub async fn allow(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        email: Email,
    ) -> Result<(AllowlistEntry, bool), FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        let now = self.runtime.now();
        let id = AllowlistId::new(now, &*self.runtime.random);
        let entry = AllowlistEntry { id, file_id: file.id, email, added_at: now };
        let mut unit = self.runtime.begin().await?;
        unit.files().lock(file.id).await?.ok_or(FileError::NotFound)?;
        // A handle's people are listed as visitors, so that the list would otherwise tell who was a visitor before.
        ensure_visitor(&self.runtime, &mut *unit, &entry.email).await?;
        if !unit.allowlists().insert(&entry).await? {
            let known = unit.allowlists().find(file.id, &entry.email).await?;
            unit.commit().await?;
            return Ok((known.ok_or(StoreError::Conflict)?, false));
        }
        self.quotas.check_allowed(unit.allowlists().count_of(file.id).await?)?;
        self.record(&mut *unit, FactKind::Allowlisted, &entry.id, &file).await?;
        unit.commit().await?;
        Ok((entry, true))
    }

    /// Adds many addresses to the file's allowlist, each line one, in several units of work. After an error, those
    /// that were added stay on it. Blank lines are skipped. With `dry_run` nothing is stored, and the outcome is
    /// what would happen.
    pub async fn allow_many(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        lines: &[String],
        dry_run: bool,
    ) -> Result<BulkOutcome, FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        let mut outcome = BulkOutcome::default();
        let (mut emails, mut seen) = (Vec::new(), BTreeSet::new());
        for (number, text) in (1..).zip(lines) {
            match text.parse::<Email>() {
                Ok(email) if seen.insert(email.clone()) => emails.push(email),
                Ok(_) => outcome.known += 1,
                Err(_) if text.trim().is_empty() => {}
                Err(_) => outcome.invalid.push(InvalidLine { line: number, text: text.clone() }),
            }
        }
        // In order, so that two lists with the same people do not wait for each other.
        emails.sort();
        for part in emails.chunks(ADDRESSES_AT_ONCE) {
            let added = if dry_run {
                part.len() - self.reads.count_allowed(file.id, part).await?
            } else {
                self.allow_part(&file, part).await?
            };
            outcome.added += added;
            outcome.known += part.len() - added;
        }
        Ok(outcome)
    }

    /// Adds these addresses to the file's allowlist in one unit of work, which is repeated if another one prevents it.
    /// Returns how many were not on it.
    async fn allow_part(&self, file: &File, emails: &[Email]) -> Result<usize, FileError> {
        for _ in 1..MAX_ROUNDS {
            match self.allow_at_once(file, emails).await {
                Err(FileError::Store(StoreError::Conflict)) => {}
                allowed => return allowed,
            }
        }
        self.allow_at_once(file, emails).await
    }

    async fn allow_at_once(&self, file: &File, emails: &[Email]) -> Result<usize, FileError> {
        let entry = |email: &Email| {
            let (email, now) = (email.clone(), self.runtime.now());
            let id = AllowlistId::new(now, &*self.runtime.random);
            AllowlistEntry { id, file_id: file.id, email, added_at: now }
        };
        let mut unit = self.runtime.begin().await?;
        unit.files().lock(file.id).await?.ok_or(FileError::NotFound)?;
        // A handle's people are listed as visitors, so that the list would otherwise tell who was a visitor before.
        ensure_visitors(&self.runtime, &mut *unit, emails).await?;
        let entries: Vec<_> = emails.iter().map(entry).collect();
        let added = unit.allowlists().insert_all(file, &entries).await?;
        if !added.is_empty() {
            let fact = |entry: &AllowlistEntry| self.fact(FactKind::Allowlisted, &entry.id, file);
            let facts: Vec<_> = added.iter().map(fact).collect();
            unit.ledger().record_all(&facts).await?;
            self.quotas.check_allowed(unit.allowlists().count_of(file.id).await?)?;
        }
        unit.commit().await?;
        Ok(added.len())
    }

    /// Removes an address from the file's allowlist, and returns whether it was on it.
    pub async fn disallow(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        email: &Email,
    ) -> Result<bool, FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        let mut unit = self.runtime.begin().await?;
        let removed = unit.allowlists().remove(file.id, email, self.runtime.now()).await?;
        let was_listed = removed.is_some();
        if let Some(entry) = removed {
            self.record(&mut *unit, FactKind::AllowlistRemoved, &entry.id, &file).await?;
        }
        unit.commit().await?;
        Ok(was_listed)
    }

    /// Returns the entries of the file's allowlist, newest first.
    pub async fn allowlist(
        &self,
        creator: &Creator,
        handle: &HandleName,
        slug: &Slug,
        page: &PageRequest,
    ) -> Result<Listing<AllowlistEntry>, FileError> {
        let (_, file) = self.owned(creator, handle, slug).await?;
        Ok(self.reads.allowlist(file.id, page).await?)
    }
}
