//! What is known about a person at a handle, besides what the person can open.

use tollgate_domain::{
    creators::{Creator, Handle},
    email::Email,
    mail::{Returned, Stop},
    moves::AddressMove,
    paging::PageRequest,
    reports::Person,
};

use crate::{problem::Problem, state::Http};

const LARGEST: PageRequest = PageRequest { limit: 100, after: None };

/// What is known about the owner of an address.
pub(crate) struct KnownPerson {
    /// The person, if anything relates this address to the handle.
    pub(crate) person: Option<Person>,
    /// The reports on mails to the address that came after one about the handle went there.
    pub(crate) returned: Returned,
    /// Whether the person asked for no more mails that the creator causes.
    pub(crate) has_stopped: bool,
    /// The confirmed changes of the address, newest first.
    pub(crate) moves: Vec<AddressMove>,
    /// The changes of the address that wait for their confirmation, newest first.
    pub(crate) waiting: Vec<AddressMove>,
}

impl KnownPerson {
    pub(crate) async fn read(
        http: &Http,
        creator: &Creator,
        handle: &Handle,
        email: &Email,
    ) -> Result<Self, Problem> {
        let (reports, moves) = (&http.use_cases.reports, &http.use_cases.moves);
        let name = &handle.name;
        let people = reports.people(creator, name, Some(email.as_str()), &LARGEST).await?;
        let stop = Stop { handle: handle.id, email: email.clone() };
        Ok(Self {
            person: people.items.into_iter().find(|person| person.email == *email),
            returned: http.use_cases.mail_reports.about(handle.id, email).await?,
            has_stopped: http.use_cases.stop_mails.is_done(&stop).await?,
            moves: moves.confirmed(creator, name, email).await?,
            waiting: moves.waiting(creator, name, email).await?,
        })
    }
}
