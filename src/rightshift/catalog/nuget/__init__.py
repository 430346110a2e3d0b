"""The packages of .NET."""
