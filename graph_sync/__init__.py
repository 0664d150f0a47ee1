"""Microsoft Graph in (delta) and out (lists, files, calendar, mail). It implements casework's ports, never decides."""
