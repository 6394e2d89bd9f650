using Npgsql;
using SessionManager.Storage.Postgres;

namespace SessionManager.Tests.Storage.Postgres;

public class PostgresConnectionTests
{
    [Fact]
    public void What_the_operator_left_open_is_chosen()
    {
        var connection = new NpgsqlConnectionStringBuilder(PostgresConnection.WithDefaults("Host=db;Database=sessions"));

        Assert.Equal(("db", "sessions", 40, 64), (connection.Host, connection.Database, connection.MaxPoolSize, connection.MaxAutoPrepare));
        Assert.Equal(("session-manager-2", true), (connection.ApplicationName, connection.NoResetOnClose));
    }

    [Theory]
    [InlineData("Maximum Pool Size=7;Max Auto Prepare=0;Application Name=x;No Reset On Close=false")]
    [InlineData("maxpoolsize=7;maxautoprepare=0;applicationname=x;noresetonclose=false")]
    public void What_the_operator_chose_stays(string text)
    {
        var connection = new NpgsqlConnectionStringBuilder(PostgresConnection.WithDefaults(text));

        Assert.Equal(
            (7, 0, "x", false),
            (connection.MaxPoolSize, connection.MaxAutoPrepare, connection.ApplicationName, connection.NoResetOnClose));
    }
}
