"""Extensions of Visual Studio Code."""
