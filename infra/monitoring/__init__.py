"""Who is told, of what, and where everybody can look: promises, alarms, dashboard, and eyes from outside."""
