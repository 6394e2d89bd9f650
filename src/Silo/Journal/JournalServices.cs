using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using SessionManager.Hosting;
using SessionManager.Storage;
using SessionManager.Storage.Sqlite;

namespace SessionManager.Journal;

static class JournalServices
{
    public static void AddJournal(this IServiceCollection services, HostSettings host)
    {
        services
            .AddSingleton(provider => host.Storage.Provider == StorageProvider.PostgreSQL
                ? new JournalDatabase(provider.GetRequiredService<NpgsqlDataSource>())
                : new JournalDatabase(new SqliteFile(provider.GetRequiredService<DataFolder>().DatabaseFile("journal.db"))))
            .AddSingleton<JournalWriter>()
            .AddSingleton<ISessionJournal>(provider => provider.GetRequiredService<JournalWriter>())
            .AddSingleton<IAuditJournal>(provider => provider.GetRequiredService<JournalWriter>())
            .AddSingleton<IJournalReader, JournalReader>()
            .AddHostedService(provider => provider.GetRequiredService<JournalWriter>());
    }
}
