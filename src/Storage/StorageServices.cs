using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Npgsql;
using SessionManager.Sessions;
using SessionManager.Storage.Postgres;
using SessionManager.Storage.Sqlite;

namespace SessionManager.Storage;

public static class StorageServices
{
    /// <summary>
    /// Adds <see cref="ISessionStore"/> and <see cref="ISessionQueries"/> on a SQLite file. Its tables are there when the host's
    /// services that were added later start, and what they wrote is written when it stops after them.
    /// </summary>
    public static IServiceCollection AddSessionStore(this IServiceCollection services, Func<IServiceProvider, SqliteFile> file) => services
        .AddSingleton(provider => new SqliteDatabase(file(provider)))
        .AddSingleton<ISessionStore, SqliteSessionStore>()
        .AddSingleton<ISessionQueries, SqliteSessionQueries>()
        .AddHostedService(provider => new StorageService(
            provider.GetRequiredService<SqliteDatabase>().Prepare, provider.GetRequiredService<SqliteDatabase>().DisposeAsync));

    /// <summary>The same on a PostgreSQL database, reading through the <see cref="NpgsqlDataSource"/> that is registered.</summary>
    /// <param name="connectionString">Of the same database; the writer has a connection of its own.</param>
    public static IServiceCollection AddSessionStore(this IServiceCollection services, string connectionString) => services
        .AddSingleton(provider => new PostgresDatabase(provider.GetRequiredService<NpgsqlDataSource>(), connectionString))
        .AddSingleton<ISessionStore, PostgresSessionStore>()
        .AddSingleton<ISessionQueries, PostgresSessionQueries>()
        .AddHostedService(provider => new StorageService(
            provider.GetRequiredService<PostgresDatabase>().Prepare, provider.GetRequiredService<PostgresDatabase>().DisposeAsync));

    /// <param name="prepare">Makes the tables ready.</param>
    /// <param name="drain">Writes what waits and refuses what comes.</param>
    sealed class StorageService(Func<Task> prepare, Func<ValueTask> drain) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => prepare();

        public Task StopAsync(CancellationToken cancellationToken) => drain().AsTask();
    }
}
