using System.Reflection;
using Xunit.Sdk;

namespace SessionManager.Tests;

/// <summary>A test that needs a PostgreSQL server; named as skipped where there is none.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresBinaries.Folder is null ? PostgresBinaries.Missing : null;
}

/// <summary>Like <c>InlineData</c>, for a case that needs a PostgreSQL server.</summary>
[DataDiscoverer("Xunit.Sdk.InlineDataDiscoverer", "xunit.core")]
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
public sealed class PostgresDataAttribute : DataAttribute
{
    readonly object[] _data;

    public PostgresDataAttribute(params object[] data)
    {
        _data = data;
        Skip = PostgresBinaries.Folder is null ? PostgresBinaries.Missing : null;
    }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [_data];
}
