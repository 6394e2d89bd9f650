using System.Data.Common;
using Dapper;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using SessionManager.Configuration;
using SessionManager.Hosting;
using SessionManager.Storage;
using SessionManager.Storage.Orleans;
using SessionManager.Storage.Sqlite;

namespace SessionManager.Providers;

/// <summary>Where the silo keeps grain state and reminders. Started before the silo, so that its tables are there.</summary>
sealed class OrleansDatabase : IHostedService
{
    readonly StorageProvider _provider;
    readonly SqliteFile? _file;

    public OrleansDatabase(IServiceProvider services, HostSettings host)
    {
        _provider = host.Storage.Provider;
        if (_provider == StorageProvider.SQLite)
            _file = new SqliteFile(host.Folder.DatabaseFile("grains.db"));
        Source = _file is null ? services.GetRequiredService<NpgsqlDataSource>() : new GroupCommitDataSource(_file);
    }

    public DbDataSource Source { get; }

    /// <summary>The name under which Orleans knows the kind of database; the first one loads Microsoft.Data.Sqlite all the same.</summary>
    public string Invariant => _provider == StorageProvider.SQLite ? "System.Data.SQLite" : "Npgsql";

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _file?.Check();
        await using var connection = _file?.OpenWriter() ?? await Source.OpenConnectionAsync(cancellationToken);
        if (_file is null && await connection.ExecuteScalarAsync<string?>("SELECT to_regclass('grain_meta')::text") is not null)
            throw new StartupException(
                $"Storage__ConnectionString: the database {connection.Database} holds the tables of the engine InProcess, which is no more. Give a database of its own.");
        await (_file is null ? OrleansTables.Postgres : OrleansTables.Sqlite).Apply(
            connection, _file?.Path ?? $"the database {connection.Database}");
    }

    /// <summary>The silo has stopped; of what it wrote nothing may be left in memory.</summary>
    public Task StopAsync(CancellationToken cancellationToken) =>
        Source is GroupCommitDataSource ours ? ours.DisposeAsync().AsTask() : Task.CompletedTask;
}
