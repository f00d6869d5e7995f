"""The auction house: live sessions between people and programs, on a log that anyone can verify."""
