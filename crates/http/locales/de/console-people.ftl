# Personen eines Shops
console-people-field-q = Adresse
console-people-field-about = Seite oder Datei
console-people-field-page = Seite
console-people-field-to = Neue Adresse
console-people-next = Weitere Personen
console-people-q-hint = Die ganze Adresse oder ihr Anfang.
console-people-search = Suchen
console-people-all = Alle anzeigen
console-people-person = Person
console-people-relations = Was die Person hier hat
console-people-relation-bought = { $count ->
    [one] hat eine Seite gekauft
   *[other] hat { $count } Seiten gekauft
}
console-people-relation-given = { $count ->
    [one] hat eine Seite geschenkt bekommen
   *[other] hat { $count } Seiten geschenkt bekommen
}
console-people-relation-refunded = { $count ->
    [one] hat eine Seite erstattet bekommen
   *[other] hat { $count } Seiten erstattet bekommen
}
console-people-relation-ended = { $count ->
    [one] hat den Zugang zu einer Seite verloren
   *[other] hat den Zugang zu { $count } Seiten verloren
}
console-people-relation-free-login = hat sich angemeldet, um eine kostenlose Seite zu lesen
console-people-relation-group-buy = macht bei einem Gruppenkauf mit
console-people-relation-allowlist = steht auf der Liste einer Datei
console-people-relation-payment = hat eine Zahlung begonnen, die bisher nichts geöffnet hat
console-people-relation-former = hat hier jetzt nichts, hatte aber früher mit einer Seite zu tun
console-people-relation-mailed = hat nichts gekauft oder geöffnet; an diese Adresse ging eine Mail
console-people-empty = Wer eine Seite kauft, sich zum Lesen anmeldet, bei einem Gruppenkauf mitmacht oder auf der Liste einer Datei steht, erscheint hier. Sie können auch jemandem ohne Bezahlung Zugang geben.
console-people-none = Niemand hier hat eine Adresse, die so anfängt.
console-people-stranger = { $email } war noch nie hier.
console-people-stranger-text = Mit dieser Adresse wurde in diesem Shop nichts gekauft, verschenkt oder gelesen. Ist sie richtig geschrieben?
console-people-stranger-ask = Ansehen, was diese Adresse öffnen könnte

# Eine Person
console-people-back = Alle Personen
console-people-listed-only = Diese Person ist hier bekannt, hat in diesem Shop aber noch nichts gekauft oder geöffnet und macht nirgends mit.
console-people-known = Diese Person { $relations }.
console-people-returned = Mails an diese Adresse kommen zurück. Ist sie richtig geschrieben? Sobald sich ihr Inhaber per Mail anmeldet, ist das vergessen.
console-people-complained = Der Inhaber dieser Adresse hat eine Mail als unerwünscht gemeldet; Mails, die Sie auslösen, werden deshalb nicht an sie gesendet. Belege und selbst angeforderte Anmeldelinks werden trotzdem gesendet.
console-people-mails = Mails an diese Adresse
console-people-link = Anmeldelink senden
console-people-link-to = Anmeldelink zu „{ $page }“ senden
console-people-moved-from = Käufe kamen hierher von
console-people-moved-to = Käufe gingen von hier an
console-people-waiting-to = Ein Wechsel der Adresse wartet auf die Bestätigung per Mail. Bis dahin geht nichts von hier an
console-people-waiting-from = Ein Wechsel der Adresse wartet auf die Bestätigung durch die Mail an diese Adresse. Bis dahin kommt nichts hierher von
console-people-waiting-since = Von Ihnen angefordert:
console-people-waiting-until = Der Link gilt bis:
console-people-call-off = Wechsel zurückziehen
console-people-stopped = Diese Person möchte keine Mails mehr, die Sie auslösen, etwa Anmeldelinks und solche über Geschenke und Adresswechsel. Anmeldelinks, die sie selbst anfordert, Belege und was sonst ihre Zahlungen betrifft, kommen weiter an, ebenso Angebote von Gruppenkäufen, bei denen sie mitmacht.
console-people-move = Adresse ändern
console-people-page = Seite
console-people-file = Datei
console-people-open = Hat Zugang
console-people-closed = Hat keinen Zugang
console-people-file-of-page = Diese Datei öffnet sich zusammen mit ihrer Seite „{ $page }“.
console-people-rule-own-public-page = Das ist Ihre eigene öffentliche Seite, also können alle sie lesen.
console-people-rule-own-page = Das ist Ihre eigene Seite, also können Sie sie lesen.
console-people-rule-unpublished-but-bought = Die Seite ist nicht veröffentlicht, bleibt aber für diese Person offen, deren Kauf oder Geschenk noch gilt.
console-people-rule-unpublished = Die Seite ist nicht veröffentlicht, und diese Person hat keinen Kauf und kein Geschenk, das noch gilt.
console-people-rule-public-page = Die Seite ist öffentlich, also können alle sie lesen.
console-people-rule-sign-in-first = Die Seite verlangt von allen, sich zuerst anzumelden.
console-people-rule-free-with-login = Die Seite ist kostenlos für alle, die sich anmelden.
console-people-rule-bought = Die Seite wird verkauft, und diese Person hat einen Kauf oder ein Geschenk, das gilt.
console-people-rule-not-bought = Die Seite wird verkauft, und diese Person hat keinen Kauf und kein Geschenk, das gilt.
console-people-closed-disputed = Die Seite wird verkauft. Diese Person hat sie gekauft, und die Bank ficht die Zahlung an, also ist die Seite geschlossen, bis darüber entschieden ist.
console-people-closed-quarantined = Die Seite wird verkauft. Diese Person hat dafür bezahlt, aber die Zahlung passt nicht zu ihrer Bestellung und hat deshalb nichts geöffnet.
console-people-closed-failed = Die Seite wird verkauft. Diese Person hat dafür bezahlt, aber die Zahlung ist fehlgeschlagen und hat deshalb nichts geöffnet.
console-people-closed-refunded = Die Seite wird verkauft. Diese Person hat sie gekauft, und die Zahlung wurde erstattet, also ist die Seite geschlossen.
console-people-closed-lost = Die Seite wird verkauft. Diese Person hat sie gekauft, und die Bank hat das Geld nach einer Anfechtung zurückgegeben, also ist die Seite geschlossen.
console-people-closed-taken-back = Die Seite wird verkauft. Diese Person hatte sie als Geschenk, und das Geschenk wurde zurückgenommen.
console-people-closed-moved = Die Seite wird verkauft. Was diese Person davon hatte, gehört seit dem Wechsel der Adresse zu einer anderen Adresse.
console-people-rule-payment-pending = Die Seite wird verkauft, und diese Person hat bezahlt, aber das Geld ist noch unterwegs.
console-people-rule-public-file = Die Datei ist öffentlich, also können alle sie herunterladen.
console-people-rule-page-gone = Die Seite, zu der diese Datei gehörte, wurde gelöscht, also können nur Sie die Datei herunterladen.
console-people-rule-own-file = Das ist Ihre eigene Datei, also können Sie sie herunterladen.
console-people-rule-sign-in-to-be-listed = Die Datei ist für die Personen auf ihrer Liste, die sich zuerst anmelden müssen.
console-people-rule-listed = Die Datei ist für die Personen auf ihrer Liste, und diese Person steht darauf.
console-people-rule-not-listed = Die Datei ist für die Personen auf ihrer Liste, und diese Person steht nicht darauf.
console-people-signed-out-same = Ohne Anmeldung ist es genauso.
console-people-signed-out-open = Auch ohne Anmeldung ist es offen.
console-people-signed-out-closed = Ohne Anmeldung bleibt es geschlossen.
console-people-signed-out-page-asks = Ohne Anmeldung sieht die Person den Teaser und wird gebeten, sich anzumelden.
console-people-signed-out-file-asks = Ohne Anmeldung wird die Person gebeten, sich vor dem Herunterladen anzumelden.
console-people-signed-out-no-page = Ohne Anmeldung heißt es, diese Seite gebe es nicht.
console-people-signed-out-no-file = Ohne Anmeldung heißt es, diese Datei gebe es nicht.
console-people-purchases = Käufe und Geschenke
console-people-got-purchase = Gekauft für { $amount }
console-people-got-group-buy = Im Gruppenkauf gekauft für { $amount }
console-people-got-gift = Von Ihnen geschenkt
console-people-status-active = Aktiv
console-people-status-refunded = Erstattet
console-people-status-ended = Beendet
console-people-status-suspended = Ruht: Die Bank ficht die Zahlung an
console-people-receipt = Beleg noch einmal senden
console-people-quarantined = Eine Zahlung passt nicht zu ihrer Bestellung über { $amount } und hat nichts geöffnet. Erstatten Sie sie in Stripe oder geben Sie Zugang: Drei Tage lang wird die Person gebeten, darauf zu warten, statt noch einmal zu zahlen.
console-people-pending = Eine Zahlung über { $amount } ist unterwegs. Die Seite öffnet sich von selbst, wenn das Geld da ist.
console-people-timeline = Was geschehen ist
console-people-timeline-empty = Bisher nichts.
console-people-fact-purchased = Die Seite wurde bezahlt
console-people-fact-group-purchased = Die Seite wurde in einem Gruppenkauf bezahlt
console-people-fact-granted = Sie haben Zugang gegeben
console-people-fact-refund-accepted = Stripe hat eine Erstattung angenommen
console-people-reason-paid-twice = es wurde doppelt bezahlt
console-people-fact-refund-failed = Eine Erstattung ist fehlgeschlagen, das Geld ist wieder bei Ihnen
console-people-fact-disputed = Die Bank hat die Zahlung angefochten, der Zugang ruhte
console-people-fact-dispute-won = Die Anfechtung wurde zu Ihren Gunsten entschieden
console-people-fact-dispute-lost = Die Anfechtung wurde zu Ihren Ungunsten entschieden, der Zugang endete
console-people-fact-revoked = Sie haben den Zugang entzogen
console-people-fact-moved = Das Gekaufte wurde von einer Adresse auf eine andere übertragen
console-people-fact-moved-here = Das Gekaufte wurde von { $email } hierher übertragen
console-people-fact-moved-away = Das Gekaufte wurde von hier auf { $email } übertragen
console-people-fact-moved-gift = Der geschenkte Zugang ist hier beendet, denn { $email } hat ihn schon; dorthin wurde das Übrige übertragen
console-people-fact-payment-quarantined = Eine Zahlung passte nicht zu ihrer Bestellung und hat nichts geöffnet
console-people-fact-payment-failed = Eine Zahlung, die zu diesem Zeitpunkt begann, kam nicht an und hat deshalb nichts geöffnet
console-people-fact-pay-page-opened = Eine Bezahlseite wurde geöffnet; bezahlt ist sie noch nicht
console-people-fact-pay-page-ended = Eine Bezahlseite wurde geöffnet und endete ohne Zahlung
console-people-fact-quarantine-refunded = Die Zahlung, die nicht passte, ging an den Käufer zurück
console-people-fact-quarantine-refund-failed = Die Erstattung der Zahlung, die nicht passte, ist fehlgeschlagen; die Zahlung ist noch zu erstatten
console-people-fact-quarantine-inquired = Die Bank hat nach der Zahlung gefragt, die nicht passte
console-people-fact-quarantine-disputed = Die Bank hat die Zahlung angefochten, die nicht passte
console-people-fact-quarantine-lost = Die Anfechtung der Zahlung, die nicht passte, wurde zu Ihren Ungunsten entschieden
console-people-fact-second-payment-held = Eine zweite Zahlung für die Seite wartet auf Ihre Entscheidung
console-people-in-stripe = in Stripe:
console-people-fact-allowlisted = Die Adresse kam auf die Liste der Datei
console-people-fact-allowlist-removed = Die Adresse wurde von der Liste der Datei genommen
console-people-fact-file-deleted = Die Datei wurde gelöscht
console-people-would-open = Was es öffnen würde
console-people-would-close = Was es schließen würde
console-people-step-buy = Ein Kauf: zur Seite
console-people-step-payment-arrives = Das Geld kommt an: Dafür ist nichts mehr zu tun.
console-people-step-grant = Zugang geben
console-people-step-refund = { $amount } vom { $day } erstatten
console-people-step-revoke = Zugang entziehen
console-people-step-refund-above = Die Zahlung erstatten, mit dem Knopf weiter oben
console-people-step-revoke-above = Das Geschenk zurücknehmen, mit dem Knopf weiter oben
console-people-step-win-dispute = Die Anfechtung gewinnen: Stand und Nachweise ansehen
console-people-step-win-disputes = Eine zu Ihren Gunsten entschiedene Anfechtung: Antworten Sie in Ihrem Stripe-Konto darauf.
console-people-step-publish = Seite veröffentlichen
console-people-step-archive = Seite archivieren
console-people-step-make-public = Seite öffentlich machen
console-people-step-make-free = Seite auf „Kostenlos mit Anmeldung“ stellen
console-people-step-make-paid = Seite zum Verkauf anbieten
console-people-step-allow = Adresse auf die Liste setzen
console-people-step-disallow = Adresse von der Liste nehmen
console-people-step-make-file-public = Datei öffentlich machen
console-people-more = Weitere Seiten dieser Person
console-people-older-sales = Ältere Käufe dieser Person
console-people-ask-first = Eine Seite oder Datei prüfen
console-people-ask = Etwas anderes prüfen
console-people-about-hint = Zeigt, ob diese Person sie öffnen kann und warum.
console-people-about-none = Seite oder Datei wählen
console-people-ask-button = Prüfen
console-people-older-files = Ältere Dateien

# Geben und zurücknehmen
console-people-give = Zugang geben
console-people-give-text = Die Person bekommt eine Mail und kann die Seite dauerhaft öffnen, ohne zu bezahlen. Sie muss noch nicht hier gewesen sein.
console-people-give-email-hint = Mit dieser Adresse meldet sich die Person an.
console-people-give-no-pages = Es gibt noch keine Seite, zu der Sie Zugang geben könnten.
console-people-give-button = Zugang geben
console-people-page-none = Seite wählen
console-people-error-page = Bitte wählen Sie eine Seite.
console-people-error-open = „{ $title }“ ist schon offen, für alle oder für alle, die sich anmelden; ein Geschenk würde daran nichts ändern. Wählen Sie eine Seite, die verkauft wird oder nicht veröffentlicht ist.
console-people-revoke-title = { $email } den Zugang entziehen?
console-people-revoke-closes = { $email } kann „{ $page }“ ab sofort nicht mehr öffnen.
console-people-revoke-stays = Was Sie geschenkt haben, endet sofort. { $email } kann „{ $page }“ aus einem anderen Grund weiter öffnen.
console-people-revoke-silent = Darüber wird keine Mail gesendet. Sie können jederzeit wieder Zugang geben.

# Wechsel der Adresse
console-people-move-text = Was { $email } in diesem Shop hat, wird auf eine andere Adresse übertragen.
console-people-move-first = Wir senden einen Link an die neue Adresse. Er gilt 7 Tage.
console-people-move-then = Sobald der Inhaber der neuen Adresse bestätigt, werden Käufe, Geschenke und Plätze auf den Listen von Dateien übertragen. Bis dahin ändert sich nichts.
console-people-move-last = Danach sagen wir beiden Adressen Bescheid.
console-people-move-waits = Ein Wechsel zu { $email } wartet auf seine Bestätigung. Nennen Sie jetzt eine andere Adresse, wird er zurückgezogen.
console-people-move-button = Link senden

# Hinweise
console-people-notice-link = Ein Anmeldelink ist unterwegs an { $what }.
console-people-notice-receipt = Der Beleg ist unterwegs an { $what }.
console-people-notice-allowed = { $what } steht jetzt auf der Liste.
console-people-notice-granted = { $what } hat jetzt Zugang und erfährt es per Mail.
console-people-notice-untold = { $what } hat jetzt Zugang. Es gibt keine Mail dazu, denn von Ihnen sind keine Mails mehr gewünscht.
console-people-notice-had = { $what } hatte das schon geschenkt bekommen. Es hat sich nichts geändert, und es wurde keine Mail gesendet.
console-people-notice-revoked = Was Sie { $what } gegeben haben, ist zurückgenommen.
console-people-notice-move = Ein Link ist unterwegs an { $what }. Sobald er dort bestätigt wird, wird alles übertragen.
console-people-notice-called-off = Der Wechsel zur Adresse { $what } ist zurückgezogen. Der Link aus der Mail dazu funktioniert nicht mehr.
console-people-notice-refused-another-waits = Es wurde nichts zurückgezogen: Der Wechsel, den Sie gesehen haben, wartet nicht mehr. Jetzt wartet einer zu { $what }, und dabei bleibt es.
console-people-notice-refused-moved = Es wurde nichts ausgeführt: Das wurde mit einem Wechsel der Adresse auf { $what } übertragen.
console-people-notice-refused-another-file = Es wurde nichts ausgeführt: Eine andere Datei, „{ $what }“, hat die Adresse der Datei, die Sie gesehen haben.
console-people-notice-refused-confirmed = Es wurde nichts zurückgezogen: Der Wechsel wurde vorher bestätigt, und alles wurde auf { $what } übertragen.
console-people-notice-nothing-waits = Kein Wechsel von { $what } zu einer anderen Adresse wartet mehr: Er wurde bestätigt oder zurückgezogen, oder sein Link ist abgelaufen.
console-people-notice-refused-nothing-waits = Kein Wechsel von { $what } zu einer anderen Adresse wartet mehr: Er wurde bestätigt oder zurückgezogen, oder sein Link ist abgelaufen.
