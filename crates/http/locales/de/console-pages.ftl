# Die Liste
console-pages-new = Seite schreiben
console-pages-tabs = Seiten nach Status
console-pages-all = Alle
console-pages-drafts = Entwürfe
console-pages-page = Seite
console-pages-access = Zugang
console-pages-price = Preis
console-pages-status = Status
console-pages-sales = Käufe
console-pages-changed = Geändert
console-pages-free = Kostenlos
console-pages-status-draft = Entwurf
console-pages-status-published = Veröffentlicht
console-pages-status-archived = Archiviert
console-pages-mark-draft = (Entwurf)
console-pages-mark-archived = (archiviert)
console-pages-empty = Eine Seite hat einen Teaser, den alle sehen, und einen Text hinter der Schranke. Sie entscheiden, wer ihn lesen darf: alle, nur wer sich anmeldet oder nur wer bezahlt.
console-pages-empty-part = Keine Seite hat diesen Status.

# Der Editor
console-pages-field-title = Titel
console-pages-field-slug = Adresse (optional)
console-pages-field-teaser = Teaser (optional)
console-pages-field-body = Text
console-pages-field-mode = Wer darf den Text lesen?
console-pages-field-price = Preis
console-pages-field-currency = Währung
console-pages-slug-hint = Bleibt das Feld leer, entsteht sie aus dem Titel. Sie bleibt später gleich. Kleinbuchstaben, Ziffern und Bindestriche.
console-pages-teaser-hint = Alle sehen ihn, vor der Schranke.
console-pages-body-hint = Hinter der Schranke. Sie können Markdown verwenden: **fett**, _kursiv_, ## Überschrift, - Liste, [Link](https://example.com). Bilder von anderen Websites werden als Links angezeigt; von einer Datei, die es hier nicht gibt, bleibt nur die Beschreibung.
console-pages-length = { $now } von { $most } Zeichen
console-pages-size = { $now } von { $most } KiB
console-pages-length-limit = Höchstens { $most } Zeichen
console-pages-size-limit = Höchstens { $most } KiB
console-pages-length-over = Zu lang.
console-pages-mode-public = Öffentlich
console-pages-mode-public-hint = Alle lesen alles, ohne sich anzumelden.
console-pages-mode-login = Kostenlos mit Anmeldung
console-pages-mode-login-hint = Wer lesen will, meldet sich mit der E-Mail-Adresse an und bezahlt nichts.
console-pages-mode-paid = Kostenpflichtig
console-pages-mode-paid-hint = Alle sehen den Teaser; wer einmal bezahlt, kann den Text dauerhaft lesen.
console-pages-price-hint = Zum Beispiel { $sample }.
console-pages-price-limits = { $count ->
    [0] Der kleinste Betrag ist { $what }, ohne Nachkommastellen.
    [3] Der kleinste Betrag ist { $what }, mit höchstens 3 Nachkommastellen, von denen die dritte immer 0 ist.
   *[other] Der kleinste Betrag ist { $what }, mit höchstens { $count } Nachkommastellen.
}
console-pages-price-told = Käufer bezahlen { $price }. Etwa { $net } kommen auf Ihrem Konto an.
console-pages-price-fee = Die Plattform behält { $fee }.
console-pages-price-stripe = Die Gebühren von Stripe selbst sind hier nicht enthalten.
console-pages-price-earlier = Ein neuer Preis gilt für neue Käufer. Wer früher gekauft hat, behält den Zugang.
console-pages-currencies-common = Häufige
console-pages-currencies-others = Alle anderen
console-pages-warning-stripe = Zurzeit kann niemand bezahlen, denn Ihr Stripe-Konto ist nicht bereit. Sie können trotzdem veröffentlichen: Bis es bereit ist, steht auf der Seite, dass Sie keine Zahlungen annehmen können.
console-pages-warning-link = Stripe verbinden (öffnet einen neuen Tab)
console-pages-warning-revenue = Zu den Einnahmen (öffnet einen neuen Tab)
console-pages-warning-unwritten = Der Text hinter der Schranke ist leer: Käufer bekommen für ihr Geld nichts als die Dateien, die zu dieser Seite gehören.
console-pages-save = Speichern
console-pages-save-draft = Entwurf speichern
console-pages-publish = Veröffentlichen
console-pages-archive = Diese Seite archivieren
console-pages-delete = Diese Seite löschen
console-pages-saved = Gespeichert
console-pages-view-stranger = Wie Fremde sie sehen (öffnet einen neuen Tab)
console-pages-view-buyer = Wie Käufer sie sehen (öffnet einen neuen Tab)
console-pages-modes = Schreiben oder Vorschau
console-pages-write = Schreiben
console-pages-preview = Vorschau
console-pages-preview-text = So sieht aus, was im Formular steht, gespeichert oder nicht.
console-pages-preview-gate = Die Schranke: Was folgt, sieht nur, wer den Text lesen darf
console-pages-toolbar = Formatierung
console-pages-tool-bold = Fett
console-pages-tool-italic = Kursiv
console-pages-tool-heading = Überschrift
console-pages-tool-link = Link
console-pages-tool-list = Liste
console-pages-tool-numbers = Nummern
console-pages-tool-quote = Zitat
console-pages-tool-code = Code

# Zwei, die dieselbe Seite bearbeiten
console-pages-conflict = Diese Seite wurde inzwischen geändert
console-pages-conflict-drop = Meine Eingaben verwerfen und die gespeicherte Seite öffnen

# Bilder
console-pages-field-alt = Was es zeigt (optional)
console-pages-field-file = Datei
console-pages-alt-hint = Ein Satz für Menschen, die das Bild nicht sehen.
console-pages-picture-link = Bild, Ton oder Video hinzufügen (öffnet einen neuen Tab)
console-pages-picture-title = Bild, Ton oder Video hinzufügen
console-pages-picture-add = Bild, Ton oder Video hinzufügen
console-pages-picture-public = Wer die Adresse kennt, kann es öffnen, auch ohne zu bezahlen.
console-pages-picture-hint = JPEG, PNG, GIF, WebP, AVIF, MP3, MP4 und Ähnliches, höchstens { $size }. Wer die Adresse kennt, kann es öffnen, auch ohne zu bezahlen.
console-pages-picture-button = Hochladen
console-pages-picture-added = Es ist hochgeladen
console-pages-picture-another = Noch etwas hinzufügen
console-pages-picture-copy = Markdown für Ihre Seite
console-pages-picture-copy-hint = Kopieren Sie diese Zeile und fügen Sie sie in den Text Ihrer Seite ein, wo es erscheinen soll.
console-pages-picture-busy = Wird hochgeladen …
console-pages-picture-done = Hochgeladen und in den Text eingefügt. Beschreiben Sie zwischen den Klammern, was es zeigt.
console-pages-picture-failed = Das hat nicht geklappt. Bitte versuchen Sie es noch einmal.

# Wie andere sie sehen
console-pages-view-title-stranger = Wie Fremde sie sehen: { $title }
console-pages-view-title-buyer = Wie Käufer sie sehen: { $title }
console-pages-view-label = Nur Sie sehen diese Ansicht.
console-pages-view-tabs = Wer sie sieht
console-pages-view-back = Zurück zum Editor
console-pages-as-stranger = Fremde
console-pages-as-buyer = Käufer
console-pages-seen-by-all = Das sehen alle, so wie es zuletzt gespeichert wurde.
console-pages-seen-by-stranger = Das sieht, wer nicht angemeldet ist, so wie es zuletzt gespeichert wurde.
console-pages-seen-by-reader = Das sieht, wer sich angemeldet hat, so wie es zuletzt gespeichert wurde.
console-pages-seen-by-buyer = Das sieht, wer die Seite gekauft hat, so wie es zuletzt gespeichert wurde.
console-pages-seen-draft = Die Seite ist ein Entwurf, also kann sie noch niemand sonst öffnen.
console-pages-seen-archived = Die Seite ist archiviert, also finden Fremde sie nicht mehr.
console-pages-seen-archived-buyer = Die Seite ist archiviert, bleibt aber für alle offen, die sie gekauft oder geschenkt bekommen haben.
console-pages-seen-archived-reader = Die Seite ist archiviert: Nur wer sie gekauft oder geschenkt bekommen hat, kann sie noch öffnen.

# Archivieren und löschen
console-pages-archive-heading = „{ $title }“ archivieren?
console-pages-archive-effect = Die Seite verschwindet aus Ihrem Shop: Niemand kann sie mehr finden oder kaufen. Begonnene Zahlungen werden abgebrochen.
console-pages-archive-readers = Wer sie ohne Kauf oder Geschenk liest, kann sie nicht mehr öffnen.
console-pages-archive-holders = { $count ->
    [0] Noch niemand hat sie gekauft.
    [one] Sie wurde einmal gekauft oder verschenkt. Wer durch einen Kauf oder ein Geschenk Zugang hat, behält ihn.
   *[other] Sie wurde { $count }-mal gekauft oder verschenkt. Wer durch einen Kauf oder ein Geschenk Zugang hat, behält ihn.
}
console-pages-archive-offer = Der Gruppenkauf „{ $title }“ ist für diese Seite: Solange sie archiviert ist, kann niemand mitmachen oder bezahlen.
console-pages-archive-back = Sie können sie jederzeit wieder veröffentlichen.
console-pages-archive-button = Archivieren
console-pages-delete-heading = „{ $title }“ löschen?
console-pages-delete-effect = Text und Adresse der Seite sind endgültig weg.
console-pages-delete-used = Wenn gerade jemand für sie bezahlt, sich angemeldet hat, um sie zu lesen, oder ein Gruppenkauf sie anbietet, wird sie stattdessen archiviert.
console-pages-delete-used-archived = Wenn gerade jemand für sie bezahlt, sich angemeldet hat, um sie zu lesen, oder ein Gruppenkauf sie anbietet, bleibt sie archiviert.
console-pages-delete-holders = { $count ->
    [0] Niemand hat sie gekauft oder geschenkt bekommen, also verliert so niemand den Zugang.
    [one] Sie wurde einmal gekauft oder verschenkt. Deshalb wird die Seite archiviert statt gelöscht: Wer durch einen Kauf oder ein Geschenk Zugang hat, behält ihn, und niemand sonst kann sie mehr finden oder kaufen.
   *[other] Sie wurde { $count }-mal gekauft oder verschenkt. Deshalb wird die Seite archiviert statt gelöscht: Wer durch einen Kauf oder ein Geschenk Zugang hat, behält ihn, und niemand sonst kann sie mehr finden oder kaufen.
}
console-pages-delete-files = { $count ->
    [one] Die Datei der Seite bleibt, aber dann können nur Sie sie öffnen.
   *[other] Die { $count } Dateien der Seite bleiben, aber dann können nur Sie sie öffnen.
}
console-pages-delete-button = Löschen

# Hinweise
console-pages-notice-draft = Der Entwurf ist gespeichert. Nur Sie sehen ihn.
console-pages-notice-published = Veröffentlicht: { $what }
console-pages-notice-published-unwritten = Veröffentlicht: { $what } – der Text ist leer, Käufer bekommen also für ihr Geld nichts als die Dateien, die zu der Seite gehören.
console-pages-notice-no-cheaper-offer = Gespeichert. Der Gruppenpreis von „{ $what }“ liegt nicht unter dem neuen Preis der Seite oder ist in einer anderen Währung: Sehen Sie diesen Gruppenkauf an.
console-pages-notice-no-cheaper-offers = Gespeichert. Die Gruppenpreise von { $what } liegen nicht unter dem neuen Preis der Seite oder sind in einer anderen Währung: Sehen Sie diese Gruppenkäufe an.
console-pages-offer = „{ $title }“
console-pages-offers-more = { $count ->
    [one] einem weiteren
   *[other] { $count } weiteren
}
console-pages-notice-archived = „{ $what }“ ist archiviert.
console-pages-notice-deleted = „{ $what }“ ist gelöscht.
console-pages-notice-kept = „{ $what }“ ist archiviert statt gelöscht. Wer durch einen Kauf oder ein Geschenk Zugang hat, behält ihn.
console-pages-notice-refused-stays = „{ $what }“ ist nicht gelöscht und bleibt archiviert: Jemand hat die Seite gekauft, geschenkt bekommen oder sich angemeldet, um sie zu lesen, jemand bezahlt gerade für sie, oder ein Gruppenkauf bietet sie an. Wer durch einen Kauf oder ein Geschenk Zugang hat, behält ihn.

# Fehler
console-pages-error-mode = Bitte wählen Sie, wer den Text lesen darf.
console-pages-error-gone = Diese Seite wurde gelöscht, während Sie schrieben. Ihr Text ist noch da: Speichern Sie, um die Seite neu anzulegen.
console-pages-error-conflict = Diese Seite wurde inzwischen geändert, deshalb wurde sie nicht gespeichert.
console-pages-error-amount = Das ist kein Betrag. Schreiben Sie ihn so: { $what }.
console-pages-error-no-decimals = Beträge in { $currency } haben keine Nachkommastellen, und der kleinste ist { $what }.
console-pages-error-ambiguous = Das kann zweierlei heißen. Schreiben Sie { $what } oder { $and }.
console-pages-error-third-decimal = In dieser Währung ist die dritte Nachkommastelle immer 0: Möglich sind nur Beträge in Schritten von { $what }.
console-pages-error-step = In dieser Währung sind nur Beträge in Schritten von { $what } möglich.
console-pages-error-no-file = Bitte wählen Sie eine Datei.
console-pages-error-not-media = Dateien dieser Art zeigen Browser nicht auf einer Seite an. Wählen Sie ein Bild (JPEG, PNG, GIF, WebP, AVIF), eine Ton- oder Videodatei, oder laden Sie die Datei unter „Dateien“ hoch.
console-pages-error-too-large = Diese Datei ist zu groß. Höchstens { $size } sind möglich.
