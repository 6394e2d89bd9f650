namespace SessionManager.Storage;

/// <summary>Why the data cannot be used, in one line for whoever started the program, with what they can do about it.</summary>
public sealed class StorageUnusableException : Exception
{
    public StorageUnusableException(string line) : base(line)
    {
    }

    public StorageUnusableException(string line, Exception cause) : base(line, cause)
    {
    }
}
