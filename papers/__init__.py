"""Documents out and in: agendas, request forms and the workbooks of directory, people and budget."""
