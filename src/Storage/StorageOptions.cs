namespace SessionManager.Storage;

public enum StorageProvider
{
    /// <summary>Files under the data folder; one process.</summary>
    SQLite,
    PostgreSQL,
}

/// <summary>Where everything durable is kept. Section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    public const string Section = "Storage";

    public StorageProvider Provider { get; set; } = StorageProvider.SQLite;

    /// <summary>
    /// PostgreSQL only: where the database is. It must exist; what goes in it is made at the start. What it does not say of the
    /// pool is chosen for a process among others on a server that takes 100 connections.
    /// </summary>
    public string? ConnectionString { get; set; }
}
