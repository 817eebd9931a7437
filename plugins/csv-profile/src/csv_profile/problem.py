class ProfileError(Exception):
    """Something that a person has to mend; the message names the file or the key."""
