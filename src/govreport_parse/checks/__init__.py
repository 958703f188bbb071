"""The form's arithmetic as check and as solver; text against table, year against year."""
