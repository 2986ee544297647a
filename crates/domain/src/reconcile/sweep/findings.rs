//! What a sweep finds: differences, which it notes and mends, and objects that it leaves out.

use super::{Finding, FindingKind, Sweep, outcome::FindingState};
use crate::{
    checkout::{Applied, FulfilmentError},
    payments::{PaymentsError, Refusal},
    reconcile::ProviderUpdate,
};

/// The most objects in a row that are left out since the provider did not show them, before a part of the sweep ends:
/// the provider may be down.
const MAX_UNANSWERED: u32 = 3;

impl Sweep<'_> {
    /// Reports a difference, and mends it by applying what the provider shows, except in a dry run.
    pub(super) async fn found(
        &mut self,
        kind: FindingKind,
        id: String,
        update: ProviderUpdate,
    ) -> Result<(), FulfilmentError> {
        let mut state = FindingState::Left;
        if !self.dry_run {
            state = match self.on.updates.apply(&self.account.account, update).await {
                // The object is not Tollgate's, such as a refund of a payment that Tollgate did not take.
                Ok(Applied::Ignored | Applied::Unchanged) => {
                    self.unanswered = 0;
                    return Ok(());
                }
                Ok(Applied::PutOff) => FindingState::Waits,
                Ok(Applied::Changed | Applied::Quarantined) => FindingState::Mended,
                Err(error) => return self.leave_out(kind, id, error),
            };
        }
        self.unanswered = 0;
        self.note(kind, id, state);
        Ok(())
    }

    /// Leaves out an object that cannot be read or applied, so that the others do not wait for it. The sweep is not complete then, unless
    /// the provider refuses to show the object or shows something impossible.
    ///
    /// # Errors
    ///
    /// The given error, if it concerns more than this object.
    pub(super) fn leave_out(
        &mut self,
        kind: FindingKind,
        id: String,
        error: FulfilmentError,
    ) -> Result<(), FulfilmentError> {
        match &error {
            FulfilmentError::Store(_)
            | FulfilmentError::Mail(_)
            | FulfilmentError::Payments(PaymentsError::Busy { .. }) => return Err(error),
            FulfilmentError::SessionOutOfReach { .. }
            | FulfilmentError::Payments(PaymentsError::Refused { .. }) => {}
            // The provider is there, and what it says of this object cannot be.
            FulfilmentError::Unusable(_) => self.unanswered = 0,
            // The answer cannot be understood, or the provider is down.
            FulfilmentError::Payments(PaymentsError::Unavailable(_) | PaymentsError::Failed(_)) => {
                self.unanswered += 1;
                if self.unanswered > MAX_UNANSWERED {
                    return Err(error);
                }
            }
        }
        tracing::warn!(object = id, %error, "a sweep left something out");
        // An object that can never be read or applied does not keep every sweep from being complete.
        if !is_hopeless(&error) {
            self.unfinished.left_out.get_or_insert_with(|| format!("{id} was left out: {error}"));
        }
        self.note(kind, id, FindingState::Left);
        Ok(())
    }

    /// Leaves out listed objects that cannot be read. The sweep is not complete then.
    pub(super) fn leave_out_unreadable(&mut self, kind: FindingKind, ids: Vec<String>) {
        for id in ids {
            self.look();
            self.unfinished.left_out.get_or_insert_with(|| {
                format!("{id} was left out: the provider's answer was not understood")
            });
            self.note(kind, id, FindingState::Left);
        }
    }

    /// Notes a difference. What two lists show is one.
    pub(super) fn note(&mut self, kind: FindingKind, id: String, state: FindingState) {
        let (is_mended, waits) = (state == FindingState::Mended, state == FindingState::Waits);
        let place = *self.places.entry((kind, id.clone())).or_insert(self.findings.len());
        if let Some(known) = self.findings.get_mut(place) {
            known.is_mended |= is_mended;
            known.waits |= waits;
        } else {
            self.findings.push(Finding { kind, id, is_mended, waits });
        }
    }
}

/// Returns whether the provider refuses to show an object at all, or says of it what cannot be.
fn is_hopeless(error: &FulfilmentError) -> bool {
    if matches!(error, FulfilmentError::Unusable(_)) {
        return true;
    }
    let (FulfilmentError::Payments(error) | FulfilmentError::SessionOutOfReach { error, .. }) =
        error
    else {
        return false;
    };
    let PaymentsError::Refused { refusal, .. } = error else { return false };
    matches!(refusal, Refusal::NotFound | Refusal::WithMessage)
}
