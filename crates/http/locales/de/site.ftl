# Was jede Seite umgibt
site-skip = Zum Inhalt springen
site-account = Ihr Konto
site-you-are = Angemeldet als { $email }.
site-not-you = Nicht Sie?
site-sign-in = Anmelden
site-sign-out = Abmelden
site-my-access = Mein Zugang
site-questions = Fragen? Schreiben Sie an
site-made-with = Erstellt mit Tollgate
site-error = Fehler:

# Startseite
home-what = Hier veröffentlichen Creators Seiten, die nicht für alle offen sind. Besucher melden sich mit ihrer E-Mail-Adresse an und bezahlen, wenn eine Seite etwas kostet, direkt beim Creator. Ein Passwort brauchen sie nicht.
home-visitors = Zu Ihren Seiten und Dateien
home-creators = Für Creators

# Schaufenster
store-empty = Hier ist noch nichts. Schauen Sie später wieder vorbei.
store-pages = Seiten
store-group-buys = Gruppenkäufe
store-older = Ältere Seiten
store-owned = Freigeschaltet
store-pending = Zahlung unterwegs
store-suspended = Ruht: Zahlung angefochten
store-free = Kostenlos
store-free-with-login = Kostenlos, mit Ihrer E-Mail-Adresse
store-description = Seiten von { $name }

# Seite und Schranke
page-description = { $title }, von { $seller }
page-files = Dateien
gate-heading = Zugang erhalten
gate-heading-not-on-sale = Noch nicht im Verkauf
gate-heading-settling = Ihr Zugang
gate-heading-free = Kostenlos weiterlesen
gate-once = Einmal bezahlen, kein Abonnement.
gate-inside = Was Sie bekommen
gate-minutes = { $count ->
    [one] Etwa 1 Minute Lesezeit
   *[other] Etwa { $count } Minuten Lesezeit
}
gate-files = { $count ->
    [one] 1 Datei zum Herunterladen:
   *[other] { $count } Dateien zum Herunterladen:
}
gate-free = Kostenlos. Melden Sie sich mit Ihrer E-Mail-Adresse an, um diese Seite zu lesen. Der Verkäufer sieht dann Ihre Adresse.
gate-bought-before = Geben Sie Ihre E-Mail-Adresse ein, um zur Zahlung zu gelangen. Schon gekauft? Melden Sie sich mit derselben Adresse an.
gate-only-before = Schon gekauft? Melden Sie sich mit derselben Adresse an.
gate-buy = Für { $price } kaufen
gate-pay-page = Sie bezahlen auf einer Seite von Stripe und kommen hierher zurück.
gate-not-on-sale = Der Verkäufer kann zurzeit keine Zahlungen annehmen. Es wird nichts berechnet.
gate-off-sale = Zurzeit nicht erhältlich: Der Verkäufer kann keine Zahlungen annehmen. Es wird nichts berechnet.
gate-group-price = Sie sind bei einem Gruppenkauf dabei und bezahlen deshalb den Gruppenpreis statt { $price }. Sie können ihn bis { $day } bezahlen.
gate-pending = Ihre Zahlung ist unterwegs: Ihre Bank bearbeitet sie noch. Das kann einige Tage dauern.
gate-pending-next = Die Seite öffnet sich von selbst, wenn das Geld da ist, und wir schreiben Ihnen, falls es nicht kommt. Sie brauchen nicht noch einmal zu kaufen.
gate-look-again = Nachsehen, ob sie da ist
gate-quarantined = Ihre Zahlung vom { $day } ist angekommen, passt aber nicht zur Bestellung; die Seite bleibt deshalb vorerst geschlossen. Der Verkäufer weiß Bescheid und schreibt Ihnen. Bitte zahlen Sie bis dahin nicht noch einmal.
gate-unmatched = Ihre Zahlung vom { $day } ist angekommen, passte aber nicht zur Bestellung; die Seite blieb deshalb geschlossen. Erstattet wurde sie bisher nicht.
gate-unmatched-write = Um das zu klären, schreiben Sie dem Verkäufer: { $email }.
gate-unmatched-next = Wenn Sie darauf nicht warten möchten, können Sie noch einmal zahlen.
gate-failed = Ihre Zahlung vom { $day } ist nicht angekommen: Ihre Bank hat sie nicht ausgeführt. Die Seite ist deshalb noch nicht offen.
gate-failed-next = Sie können es noch einmal versuchen, vielleicht mit einer anderen Zahlungsart.
gate-refunded = Ihre Zahlung wurde erstattet, deshalb ist die Seite für Sie geschlossen.
gate-suspended = Ihr Zugang ruht, weil die Zahlung bei Ihrer Bank angefochten wurde. Sie bekommen ihn zurück, wenn zugunsten des Verkäufers entschieden wird. Wenn Sie die Zahlung nicht anfechten wollten, sagen Sie das Ihrer Bank.
gate-dispute-lost = Ihre Bank hat die Zahlung zurückgeholt und über die Anfechtung zu Ihren Gunsten entschieden; deshalb ist die Seite für Sie geschlossen.
gate-buy-again = Sie können die Seite erneut kaufen.
gate-group-buys = Gemeinsam günstiger
gate-group-buy-joined = Ihr Gruppenkauf
gate-revoked = Ihr geschenkter Zugang ist beendet: Der Verkäufer hat ihn zurückgenommen, oder er wurde auf eine andere Ihrer Adressen übertragen.
mistake-write = Wenn Sie das für einen Irrtum halten, schreiben Sie an { $email }.

# Was eine Seite einmal sagt
notice-paid = { $amount } bezahlt. Der Beleg ging an { $email }.
notice-unpaid = Die Zahlung hat nicht geklappt, und es wurde nichts berechnet.
notice-unpaid-next = Sie können es jederzeit noch einmal versuchen.
notice-expired = Die Bezahlseite ist geschlossen: Sie war zu lange offen, oder das Angebot hat sich geändert. Dort wurde nichts bezahlt.
notice-expired-next = Sie können hier kaufen.
notice-come-back = Sie kommen von der Bezahlseite. Melden Sie sich mit der Adresse an, mit der Sie gekauft haben, um zu sehen, was aus der Zahlung wurde.
notice-come-back-other = Sie kommen von einer Bezahlseite und sind als { $email } angemeldet. Wenn Sie unter einer anderen Adresse bezahlt haben, melden Sie sich mit dieser an.
notice-unconfirmed = Wir wissen noch nicht, was aus der Zahlung wurde: Stripe hat nicht geantwortet. Wenn Sie bezahlt haben, bezahlen Sie nicht noch einmal; sehen Sie in ein paar Sekunden noch einmal nach.
notice-arrived = Ihre Zahlung ist angekommen. Was aus ihr wurde, steht unter „Mein Zugang“.
notice-cancelled = Sie haben abgebrochen. Es wurde nichts bezahlt.
notice-cancelled-next = Sie können jederzeit kaufen.
notice-mail-sent = Wir haben einen neuen Link und einen neuen Code gesendet.
notice-receipt = Der Beleg ist unterwegs an { $email }.
notice-session-ended = Diese Sitzung ist beendet.
notice-sessions-ended = Sie sind jetzt nur noch hier angemeldet: Alle anderen Sitzungen sind beendet.
notice-signed-out = Sie sind hier abgemeldet. Melden Sie sich wieder an, um fortzufahren.
notice-joined = Sie sind jetzt dabei. Ihre Menge: { $count }.
notice-changed = Sie sind weiterhin dabei. Ihre Menge ist jetzt { $count }.
notice-left = Sie sind aus diesem Gruppenkauf ausgestiegen.

# Anmelden
sign-in-heading = Anmelden
sign-in-description = Melden Sie sich bei { $name } mit Ihrer E-Mail-Adresse an, ohne Passwort.
sign-in-email = Ihre E-Mail-Adresse
sign-in-email-hint = Wir senden Ihnen einen Link und einen Code. Ein Passwort brauchen Sie nicht.
sign-in-continue = Weiter
sign-in-no-email = Geben Sie Ihre E-Mail-Adresse ein.
sign-in-bad-email = Das ist keine E-Mail-Adresse. Prüfen Sie sie auf Tippfehler; sie sollte aussehen wie name@example.com.
sign-in-limited = Es wurden zu viele Mails angefordert. Warten Sie { $wait }, und versuchen Sie es dann noch einmal.
sign-in-newest = Den Link oder den Code aus der neuesten Mail benutzen
sign-in-already = Sie sind als { $email } angemeldet. Wenn Sie sich mit einer anderen Adresse anmelden, endet diese Sitzung.
sign-in-no-cookies = Dieser Browser wartet auf keine Mail: Das Anfordern ist zu lange her, oder er hat das Cookie davon nicht behalten. Erlauben Sie Cookies für { $host }, und fordern Sie dann noch einmal eine Mail an.
sign-in-no-session = Sie sind hier nicht angemeldet: Dieser Browser hat das Cookie der Anmeldung nicht behalten, oder die Sitzung ist beendet. Erlauben Sie Cookies für { $host }, und fordern Sie dann noch einmal eine Mail an.
sign-in-seen = Wenn Sie hier etwas öffnen, das nach der Anmeldung kostenlos ist, sieht der Verkäufer Ihre Adresse.
sign-in-seconds = { $count ->
    [one] 1 Sekunde
   *[other] { $count } Sekunden
}
sign-in-minutes = { $count ->
    [one] 1 Minute
   *[other] { $count } Minuten
}
sign-in-hours = { $count ->
    [one] 1 Stunde
   *[other] { $count } Stunden
}

# Die Seite, die auf die Mail wartet
code-heading = Schauen Sie in Ihr Postfach
code-sent = Ein Link und ein Code sind unterwegs an
code-renewed = Ein neuer Link und ein neuer Code sind an dieselbe Adresse unterwegs.
code-good = { $count ->
    [one] Sie gelten noch 1 Minute.
   *[other] Sie gelten noch { $count } Minuten.
}
code-how = Öffnen Sie den Link auf diesem Gerät, oder geben Sie den Code hier ein.
code-label = Sechsstelliger Code
code-empty = Geben Sie die sechs Ziffern aus der Mail ein.
code-malformed = Der Code hat sechs Ziffern. Geben Sie nur diese ein, so wie sie in der neuesten Mail stehen.
code-limited = Es wurden zu viele Codes ausprobiert. Warten Sie { $wait }, und versuchen Sie es dann noch einmal.
code-invalid = Das ist nicht der Code aus der neuesten Mail, oder es gab zu viele Versuche. Sehen Sie noch einmal nach, oder fordern Sie eine neue Mail an.
code-expired = Dieser Code ist abgelaufen. Fordern Sie eine neue Mail an.
code-used = Dieser Code wurde schon verwendet. Fordern Sie eine neue Mail an.
code-nothing = Nichts da?
code-spam = Es kann eine Minute dauern. Sehen Sie auch im Spam-Ordner nach.
code-wait = In { $wait } können Sie eine weitere Mail anfordern.
code-reload = Diese Seite neu laden
code-again = Noch eine Mail senden
code-change = Eine andere Adresse verwenden
code-gone = Die Mail ist abgelaufen
code-gone-text = Link und Code galten nur wenige Minuten. Wir können Ihnen noch eine Mail senden.
code-elsewhere = Der Link wurde anderswo geöffnet
code-elsewhere-text = Angemeldet sind Sie dort, wo Sie den Knopf gedrückt haben, und nicht hier. Um sich auch hier anzumelden, fordern Sie noch eine Mail an und geben Sie deren Code ein.

# Die Seite hinter dem Link
link-heading = Fast geschafft
link-press = Drücken Sie den Knopf, um sich anzumelden.
link-continue = Weiter als { $email }
link-other = Zurzeit sind Sie als { $email } angemeldet. Wenn Sie fortfahren, sind Sie stattdessen als { $masked } angemeldet.
link-goes-on = Danach geht es weiter zu „{ $title }“.
link-goes-on-seen = Danach geht es weiter zu „{ $title }“. Das ist kostenlos, und der Verkäufer sieht Ihre Adresse.
link-goes-on-to-pay = Danach geht es weiter zu „{ $title }“. Wenn Sie das noch nicht gekauft haben, folgt die Bezahlung.
link-leads-to = Danach geht es weiter zu { $host }.
link-elsewhere = Haben Sie auf einem anderen Gerät begonnen?
link-code = Dann drücken Sie nicht den Knopf, sondern geben Sie dort diesen Code ein:
link-code-old = Dann drücken Sie nicht den Knopf, sondern geben Sie dort den Code aus der neuesten Mail ein: Nur dieser gilt.
link-code-spent = Dann drücken Sie nicht den Knopf, sondern fordern Sie dort noch eine Mail an: Für den Code aus dieser gab es zu viele Versuche.
link-not-asked = Wenn Sie diesen Link nicht angefordert haben, schließen Sie diese Seite: Ohne den Knopf geschieht nichts.
link-invalid = Dieser Link ist ungültig
link-invalid-text = Vielleicht wurde er unterwegs abgeschnitten. Fordern Sie hier einen neuen an.
link-used = Dieser Link wurde schon verwendet
link-used-text = Jeder Link gilt nur einmal. Fordern Sie hier einen neuen an.
link-expired = Dieser Link ist abgelaufen
link-expired-text = Links gelten nur wenige Minuten. Wir können Ihnen einen neuen an dieselbe Adresse senden.
link-renew = Neuen Link senden

# Abmelden
sign-out-heading = Abmelden?
sign-out-text = Sie sind als { $email } angemeldet. Nach dem Abmelden können Sie sich mit einer anderen Adresse anmelden.
sign-out-stay = Angemeldet bleiben

# Wechsel der Adresse
no-mails-heading = Keine Mails mehr von diesem Shop?
no-mails-text = { $seller } schreibt dann nicht mehr an { $email }. Mails zu Ihrer Anmeldung und Ihren Zahlungen kommen weiterhin an, ebenso Angebote aus Gruppenkäufen, bei denen Sie dabei sind.
no-mails-button = Mails abbestellen
no-mails-done = Erledigt
no-mails-done-text = { $seller } schreibt Ihnen nicht mehr. Mails zu Ihrer Anmeldung und Ihren Zahlungen kommen weiterhin an, ebenso Angebote aus Gruppenkäufen, bei denen Sie dabei sind.
no-mails-take-back = Mails wieder bekommen
no-mails-taken-back = { $seller } kann Ihnen wieder schreiben. Mit dem Link in jeder Mail bestellen Sie das ab.
no-mails-back = Zum Shop
no-mails-invalid = Vielleicht wurde er unterwegs abgeschnitten. Nehmen Sie den Link am Ende der Mail.
move-heading = Übertragen, was Sie gekauft haben
move-text = Was Sie bei { $seller } haben, läuft unter { $from }.
move-to = Drücken Sie den Knopf, und es wird auf { $email } übertragen.
move-button = Übertragen
move-not-asked = Wenn Sie den Verkäufer nicht darum gebeten haben, schließen Sie diese Seite: Ohne den Knopf geschieht nichts.
move-done = Es ist übertragen
move-done-text = Was Sie dort haben, läuft jetzt unter { $email }. Melden Sie sich mit dieser Adresse an.
move-done-here = Was Sie dort haben, läuft jetzt unter { $email }. Sie sind mit dieser Adresse angemeldet.
move-go-on = Zum Shop
move-invalid = Vielleicht wurde er unterwegs abgeschnitten. Öffnen oder kopieren Sie den ganzen Link aus der Mail.
move-expired = Er galt nur eine begrenzte Zeit. Der Verkäufer kann Ihnen einen neuen senden.
move-ended = Er zählt nicht mehr: Ein anderer Link wurde bestätigt, seitdem wurde eine andere Adresse genannt, oder der Wechsel wurde zurückgezogen. Der Verkäufer kann Ihnen einen neuen senden.
move-used = Was Sie gekauft haben, wurde seitdem noch einmal übertragen. Melden Sie sich mit der Adresse an, unter der es jetzt läuft.
move-nothing = Es gibt nichts mehr zu übertragen.
move-write = Um einen neuen zu bekommen, schreiben Sie an { $email }.
moved-away = Was Sie bei { $seller } hatten, wurde am { $day } auf { $email } übertragen und öffnet sich nur noch mit dieser Adresse.
moved-sign-in = Mit dieser Adresse anmelden

# Dateien
file-download = Herunterladen
file-of-page = Zur Seite mit dieser Datei
file-invited = Eine Datei für Eingeladene
file-sign-in = Melden Sie sich mit der Adresse an, mit der Sie Zugang haben. Dann können Sie die Datei herunterladen.
file-sign-in-free = Melden Sie sich kostenlos mit Ihrer E-Mail-Adresse an. Dann können Sie die Datei herunterladen. Der Verkäufer sieht dann Ihre Adresse.
file-sign-in-invited = Melden Sie sich mit der Adresse an, mit der Sie eingeladen sind. Dann können Sie die Datei herunterladen.
file-buy-first = Diese Datei gehört zu einer Seite, die Sie nicht gekauft haben.
file-buy-first-next = Öffnen Sie die Seite, um sie zu kaufen.
file-not-invited = Die Adresse, mit der Sie angemeldet sind, steht nicht auf der Liste für diese Datei. Wenn Sie eine andere haben, melden Sie sich mit dieser an.
file-sign-in-other = Mit einer anderen Adresse anmelden
file-picture = Bild
file-audio = Audio
file-video = Video
file-pdf = PDF
file-archive = Archiv
file-text = Text
file-other = Datei

# Gruppenkauf
group-description = Ein Gruppenkauf für { $price }, von { $seller }
group-of = Gruppenkauf der Seite
group-regular = Statt { $price }.
group-progress = { $joined } von { $target } dabei
group-offer = { $price } für alle, die dabei sind, bis { $day }
group-left = { $count ->
    [one] Noch 1 bis zum Ziel
   *[other] Noch { $count } bis zum Ziel
}
group-room = { $count ->
    [one] Noch 1 von höchstens { $most } Plätzen frei
   *[other] Noch { $count } von höchstens { $most } Plätzen frei
}
group-days = { $count ->
    [one] Noch 1 Tag
   *[other] Noch { $count } Tage
}
group-hours = { $count ->
    [one] Noch 1 Stunde
   *[other] Noch { $count } Stunden
}
group-minutes = { $count ->
    [one] Noch 1 Minute
   *[other] Noch { $count } Minuten
}
group-open = Der Gruppenkauf ist offen.
group-reached = Das Ziel ist erreicht; jetzt liegt es am Verkäufer.
group-open-off-sale = Der Gruppenkauf ist offen. Bezahlen ist noch nicht möglich: Der Verkäufer kann zurzeit keine Zahlungen annehmen. Bevor das Angebot aktiviert ist, bezahlt niemand.
group-off-sale = Zurzeit nicht verfügbar: Der Verkäufer kann keine Zahlungen annehmen. Bevor das Angebot aktiviert ist, bezahlt niemand.
group-reached-full = Das Ziel ist erreicht, und alle Plätze sind vergeben; jetzt liegt es am Verkäufer.
group-active = Das Angebot ist aktiviert: Wer dabei ist, kann zum Gruppenpreis kaufen.
group-active-off-sale = Das Angebot ist aktiviert, kann zurzeit aber nicht bezahlt werden.
group-expired = Der Gruppenkauf ist vorbei: Das Ziel wurde nicht rechtzeitig erreicht. Niemand bezahlt etwas.
group-offer-ended = Der Gruppenkauf ist vorbei: Das Angebot ist abgelaufen.
group-cancelled = Der Verkäufer hat den Gruppenkauf abgesagt. Niemand bezahlt etwas.
group-join-until = Mitmachen können Sie bis
group-pay-until = Bezahlen können Sie bis
group-heading-join = Mitmachen
group-heading-joined = Sie sind dabei
group-heading-closed = Für Neue geschlossen
group-heading-active = Das Angebot ist aktiviert
group-heading-pay = Zum Gruppenpreis bezahlen
group-heading-over = Vorbei
group-heading-cancelled = Abgesagt
group-sign-in = Melden Sie sich an, um mitzumachen oder zu sehen, was Sie angegeben haben.
group-sign-in-full = Es ist kein Platz mehr frei. Schon dabei? Melden Sie sich mit derselben Adresse an.
group-sign-in-too-late = Zum Mitmachen ist es zu spät. Schon dabei? Melden Sie sich mit derselben Adresse an.
group-sign-in-halted = Im Moment kann niemand mitmachen. Schon dabei? Melden Sie sich mit derselben Adresse an.
group-sign-in-to-pay = Wenn Sie dabei sind, melden Sie sich an, um zum Gruppenpreis zu kaufen.
group-quantity = Wie viele möchten Sie?
group-quantity-hint = { $count ->
    [one] Es ist noch Platz für 1; die Menge zählt für das Ziel. Jetzt bezahlen Sie nichts. Wenn ein Angebot daraus wird und Sie kaufen, bezahlen Sie den Gruppenpreis einmal.
   *[other] 1 bis { $count }; die Menge zählt für das Ziel. Jetzt bezahlen Sie nichts. Wenn ein Angebot daraus wird und Sie kaufen, bezahlen Sie den Gruppenpreis einmal.
}
group-bad-quantity = { $count ->
    [one] Es ist nur noch Platz für 1.
   *[other] Wählen Sie eine ganze Zahl von 1 bis { $count }.
}
group-full = Für diese Menge ist kein Platz mehr. Versuchen Sie es mit einer kleineren.
group-joined = { $count ->
    [one] Sie sind mit der Menge 1 dabei.
   *[other] Sie sind mit der Menge { $count } dabei.
}
group-join = Ich bin dabei
group-change = Ändern
group-leave = Aussteigen
group-owned = Sie haben es schon:
group-not-paid = Die Seite wird nicht mehr verkauft.
group-is-over = Hier können Sie nicht mehr mitmachen.
group-page-costs-no-more = Die Seite selbst kostet jetzt { $price }, nicht mehr als der Gruppenpreis. Kaufen Sie sie dort:
group-only-joined = Den Gruppenpreis bekommen nur diejenigen, die schon dabei waren, bevor das Angebot aktiviert wurde.
group-by-itself = Die Seite für sich allein:
group-halted = Im Moment kann niemand mitmachen. Schauen Sie später wieder vorbei.
group-too-late = Zum Mitmachen ist es zu spät.
group-no-room = Es ist kein Platz mehr frei.
group-next = Wie es weitergeht
group-step-join = { $count ->
    [one] Eine Person macht mit, und das Ziel ist erreicht. Noch bezahlt niemand.
   *[other] Interessierte machen mit, bis das Ziel von { $count } erreicht ist. Noch bezahlt niemand.
}
group-step-start = { $seller } aktiviert das Angebot. Alle, die dabei sind, bekommen eine Mail.
group-step-pay = { $count ->
    [one] Dann haben Sie 1 Tag, um { $price } zu bezahlen. Wenn Sie es nicht tun, geschieht nichts.
   *[other] Dann haben Sie { $count } Tage, um { $price } zu bezahlen. Wenn Sie es nicht tun, geschieht nichts.
}
group-step-deadline = Wird das Ziel nicht rechtzeitig erreicht, ist der Gruppenkauf vorbei, und niemand bezahlt.
group-step-no-deadline = Bis das Angebot aktiviert ist, können Sie jederzeit aussteigen.
group-step-active = Wer dabei ist, kann jetzt bezahlen; alle haben eine Mail bekommen.
group-step-lapse = Wenn Sie nicht rechtzeitig bezahlen, verfällt das Angebot, und Sie schulden nichts.

# Mein Zugang
access-you-are = Sie sind als { $email } angemeldet.
access-receipt-sign-in = Melden Sie sich mit der Adresse an, unter der der Kauf geführt wird, um den Beleg zu sehen.
access-sign-in = Melden Sie sich an, um zu sehen, wozu Sie Zugang haben.
access-joined = Gruppenkäufe, bei denen Sie dabei sind
access-joined-open = Es werden noch mehr Personen gesucht.
access-joined-active = Das Angebot ist aktiviert, und Sie können den Gruppenpreis bezahlen.
access-joined-page = Die Seite selbst kostet jetzt { $price }, nicht mehr als der Gruppenpreis.
access-pending = Unterwegs
access-pending-text = Ihre Bank bearbeitet diese Zahlungen noch. Die Seiten öffnen sich von selbst, wenn das Geld da ist.
access-quarantined = In Klärung
access-quarantined-text = Wir klären Ihre Zahlung: Sie ist angekommen, passt aber nicht zur Bestellung; die Seite bleibt deshalb vorerst geschlossen. Der Verkäufer weiß Bescheid und schreibt Ihnen.
access-unmatched = Nicht geklärt
access-unmatched-text = Diese Zahlungen sind angekommen, passten aber nicht zur Bestellung; die Seiten blieben deshalb geschlossen. Erstattet wurden sie bisher nicht. Was Sie tun können, steht auf der Seite.
access-failed = Nicht angekommen
access-failed-text = Ihre Bank hat diese Zahlungen nicht ausgeführt. Versuchen Sie es auf der Seite noch einmal, vielleicht mit einer anderen Zahlungsart.
access-history = Ihre Seiten und Dateien
access-nothing = Noch haben Sie keine. Was Sie kaufen oder mit Ihrer Adresse öffnen, steht hier.
access-older = Ältere
access-bought = Gekauft
access-group-buy = Im Gruppenkauf gekauft
access-gift = Geschenkt
access-free = Kostenlos
access-invited = Eingeladen
access-active = Aktiv
access-refunded = Erstattet
access-refunded-why = Die Zahlung wurde Ihnen erstattet.
access-revoked = Beendet
access-dispute-lost-why = Ihre Bank hat die Zahlung zurückgeholt und über die Anfechtung zu Ihren Gunsten entschieden.
access-revoked-why = Der Verkäufer hat diesen Zugang beendet, oder er wurde auf eine andere Ihrer Adressen übertragen.
access-suspended = Ruht
access-suspended-why = Die Zahlung wurde bei Ihrer Bank angefochten.
access-not-offered = Zurzeit lässt sich hier keine Seite öffnen.
access-receipt = Beleg
access-receipt-label = Beleg für { $title }
access-sessions = Wo Sie angemeldet sind
access-sessions-text = Wenn Sie eine dieser Sitzungen nicht kennen, beenden Sie sie.
access-sessions-more = Es gibt ältere, die hier nicht aufgeführt sind.
access-end-others = Alle anderen beenden
access-since = Seit
access-until = bis
access-here = Dieser Browser
access-end = Beenden
access-end-label = Die Sitzung seit { $since } beenden
access-end-device-label = Die Sitzung seit { $since } ({ $device }) beenden
