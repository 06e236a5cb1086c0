"""What the inv tasks do: arguments in, printed answer and exit status out. The only place that prints and exits."""
