//! Changes of address.

use std::collections::BTreeSet;

use tollgate_domain::{
    id::CheckoutId,
    mail::MailContent,
    moves::{ConfirmMoveError, MoveError},
    token::Token,
};

use crate::{
    history::{PageNo, Who},
    machine::ReplicaId,
    operations::note,
    simulation::Simulation,
    violation::{Rule, Violation},
};

impl Simulation {
    /// The creator asks for a change of address at a shop, once.
    pub(super) fn ask_to_move(
        &mut self,
        replica: ReplicaId,
        who: Who,
        page: PageNo,
    ) -> Result<(), Violation> {
        let (app, (shop, facts)) = (self.app(replica), self.place(page)?);
        let place = (who, facts.shop);
        let Some(to) = self.new_addresses.get(&place).map(|it| it.email.clone()) else {
            return Ok(());
        };
        let from = self.visitor(who)?.email;
        let asked = self.model.moves.entry(place).or_default();
        if std::mem::replace(&mut asked.is_asked, true) {
            return Ok(());
        }
        self.begin(replica, async move {
            let result = app.moves.request(&shop.creator, &shop.handle.name, from, to).await;
            note(move |simulation, is_undisturbed| match result {
                Ok(()) => Ok(()),
                Err(MoveError::Store(error)) => Rule::UndisturbedSucceeds
                    .check(!is_undisturbed, || format!("asking for another address: {error}")),
                // Nothing is under the old address yet.
                Err(_) => {
                    simulation.model.moves.entry(place).or_default().is_asked = false;
                    Ok(())
                }
            })
        });
        Ok(())
    }

    /// The visitor follows the link in the mail to the new address.
    pub(super) fn confirm_move(
        &mut self,
        replica: ReplicaId,
        who: Who,
        page: PageNo,
    ) -> Result<(), Violation> {
        let (app, place) = (self.app(replica), (who, self.place(page)?.1.shop));
        let Some(token) = self.link_of_move(place) else { return Ok(()) };
        let orders = self.handed_out(place);
        let asked = self.model.moves.entry(place).or_default();
        if !asked.is_begun {
            asked.is_begun = true;
            asked.orders = orders;
        }
        self.begin(replica, async move {
            let result = app.moves.confirm(&token).await;
            note(move |simulation, is_undisturbed| {
                let is_done = match result {
                    Ok(_) | Err(ConfirmMoveError::Used) => true,
                    Err(ConfirmMoveError::Store(error)) => {
                        return Rule::UndisturbedSucceeds
                            .check(!is_undisturbed, || format!("confirming an address: {error}"));
                    }
                    Err(_) => false,
                };
                simulation.model.moves.entry(place).or_default().is_done |= is_done;
                Ok(())
            })
        });
        Ok(())
    }

    /// The newest link that was mailed to a new address.
    fn link_of_move(&self, place: (Who, usize)) -> Option<Token> {
        let to = &self.new_addresses.get(&place)?.email;
        let sent = self.mailer.sent().into_iter().filter(|mail| mail.to == *to);
        let mut links = sent.filter_map(|mail| match mail.content {
            MailContent::ConfirmMove { link, .. } => {
                link.0.split_once("?token=")?.1.parse::<Token>().ok()
            }
            _ => None,
        });
        links.next_back()
    }

    /// The orders of a visitor at a shop whose pay pages were handed out.
    fn handed_out(&self, (who, shop): (Who, usize)) -> BTreeSet<CheckoutId> {
        let is_here = |page: PageNo| self.pages.get(page).is_some_and(|it| it.shop == shop);
        let theirs = self.model.pay_pages.iter().filter(|it| it.who == who && is_here(it.page));
        theirs.map(|it| it.checkout).collect()
    }
}
