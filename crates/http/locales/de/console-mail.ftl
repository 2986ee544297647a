# Das Mailprotokoll
console-mail-text = Alle Mails zu diesem Shop. „Gesendet“ heißt, dass der Mailserver sie angenommen hat; sie kann noch im Spam-Ordner liegen.
console-mail-field-q = Adresse
console-mail-q-hint = Die ganze Adresse oder ihr Anfang.
console-mail-search = Suchen
console-mail-all = Alle Mails anzeigen
console-mail-none = An keine Adresse, die so anfängt, ging eine Mail.
console-mail-empty = Anmeldelinks, Belege und alle anderen Mails zu diesem Shop erscheinen hier, mit dem, was aus ihnen wurde. Die erste wird gesendet, wenn sich jemand anmeldet, etwas kauft oder Zugang von Ihnen bekommt.
console-mail-empty-link = Jemandem Zugang geben
console-mail-kind = Mail
console-mail-to = An
console-mail-you = (Sie)
console-mail-status = Status
console-mail-again = Noch einmal
console-mail-resend = Noch einmal senden
console-mail-status-queued = Unterwegs
console-mail-status-retried = Neuer Versuch folgt
console-mail-status-sent = Gesendet
console-mail-status-dead = Aufgegeben
console-mail-attempts = { $count ->
    [0] noch kein Versuch
    [one] ein Versuch
   *[other] { $count } Versuche
}
console-mail-kind-magic-link = Anmeldelink
console-mail-kind-verify-email = Bestätigung der Adresse eines Kontos
console-mail-kind-password-reset = Link für ein neues Passwort
console-mail-kind-confirm-move = Bestätigung einer neuen Adresse
console-mail-kind-moved = Wechsel der Adresse
console-mail-kind-receipt = Beleg
console-mail-kind-payment-failed = Ausgebliebene Zahlung
console-mail-kind-paid-twice = Doppelte Zahlung
console-mail-kind-refunded = Erstattung
console-mail-kind-granted = Zugang, den Sie gegeben haben
console-mail-kind-refund-not-paid = Erstattung, die nicht ausgezahlt werden konnte
console-mail-kind-refund-failed = Fehlgeschlagene Erstattung
console-mail-kind-payment-quarantined = Zahlung, die nicht passt
console-mail-kind-payment-matched = Zahlung, die doch passt
console-mail-kind-disputed = Angefochtene Zahlung
console-mail-kind-dispute-decided = Anfechtung, über die entschieden ist
console-mail-kind-access-disputed = Anfechtung: was aus dem Zugang wird
console-mail-kind-account-closed = Keine Zahlungen möglich
console-mail-kind-group-buy-activated = Gruppenkauf: das Angebot
console-mail-kind-group-buy-reached = Gruppenkauf: das Ziel ist erreicht
console-mail-kind-group-buy-expired = Gruppenkauf: zu wenige haben mitgemacht
console-mail-kind-group-buy-cancelled = Gruppenkauf: abgesagt
console-mail-failure-passing = Der Mailserver hat die Mail zu diesem Zeitpunkt nicht angenommen. Das geht meist vorüber.
console-mail-failure-recipient = Der Mailserver nimmt keine Mails an diese Adresse an. Ist sie richtig geschrieben?
console-mail-failure-unwanted = Nicht gesendet: Eine Mail an diese Adresse kam zurück, oder ihr Inhaber hat eine als unerwünscht gemeldet. Anmeldelinks und Belege werden trotzdem gesendet.
console-mail-failure-too-late = Der Link darin ist abgelaufen, bevor die Mail gesendet werden konnte; senden Sie einen neuen.
console-mail-failure-message = Der Mailserver hat die Nachricht abgelehnt.
console-mail-failure-server = Der Mailserver war nicht zu erreichen.
console-mail-failure-other = Die Mail konnte nicht übergeben werden. Bleibt es dabei, wenden Sie sich an den Betreiber dieser Installation.
console-mail-error-forgotten = Der Text dieser Mail ist nicht mehr gespeichert, deshalb lässt sie sich nicht noch einmal senden.
console-mail-error-over = Diese Mail wurde nicht noch einmal gesendet: Ihr Link ist abgelaufen, oder das Angebot, von dem sie spricht, ist vorbei.
console-mail-error-no-access = Diese Mail wurde nicht noch einmal gesendet: Sie sagt, dass der Zugang freigegeben ist, und die Person hat ihn nicht mehr.
console-mail-notice-resent = Die Mail ist noch einmal unterwegs. Statt eines verbrauchten Anmeldelinks wird ein neuer gesendet.
