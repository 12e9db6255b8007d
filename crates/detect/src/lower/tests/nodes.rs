//! Every node, as queries make them.

use super::surroundings::Surroundings;

#[test]
fn every_node_gives_what_evaluation_gives() {
    let surroundings = Surroundings::new(1, 60);
    for query in [
        "T",
        "T | project s, l",
        "T | extend z = tostring(y), x = y.a | project-away b",
        "T | count",
        "T | summarize c = count() by s, i",
        "T | summarize make_set(l), max(r), min(s), sum(k), avg(i), dcount(s) by t",
        "T | summarize arg_max(d, l), arg_min(l, s, y) by t | project t, d",
        "T | summarize count(), countif(l > 0), sumif(l, b), make_list(s, 0)",
        "T | where l > 100 | summarize count(), sum(l), min(s), max(d), make_list(l)",
        "T | distinct s, b",
        "T | mv-expand y",
        "T | mv-expand with_itemindex = n y to typeof(string) limit 2",
        "T | mv-apply z = y on (summarize make_list(z), count())",
        "T | mv-apply z = y on (where isnotempty(z) | top 1 by tostring(z) | project z, more = s)",
        "T | union (U | project s, l, extra = 1)",
        "T | union withsource = w U | summarize count() by w",
        "let L = datatable(s: string, n: long)['a', 1, 'A', 2, 'a', 3]; T | join kind=inner L on s | project s, n, l",
        "let L = toscalar(U | summarize max(l)); T | where l == L",
        "T | sample 5 | count",
        "T | summarize r = count() by bin(d, 6h)",
        "T | make-series c = count(), m = max(l) default = -1 on d from datetime(1970-01-01) to datetime(1970-01-03) step 6h by s",
        "T | make-series c = count() on d step 1d",
        "datatable(a: long, b: string)[1, 'x', 2, 'y'] | extend c = a + 1",
        "print x = 1, y = 'a', z = dynamic([1, 2])",
        "range x from 1 to 10 step 3",
    ] {
        surroundings.check(query);
    }
}

#[test]
fn every_join_pairs_nulls() {
    let surroundings = Surroundings::new(2, 40);
    for kind in [
        "inner",
        "leftouter",
        "rightouter",
        "fullouter",
        "leftsemi",
        "rightsemi",
        "leftanti",
        "rightanti",
    ] {
        surroundings.check(&format!("T | join kind={kind} U on i, l"));
        surroundings.check(&format!("T | project s, l | join kind={kind} (U | project s, k) on s"));
        surroundings.check(&format!(
            "T | project d, l | join kind={kind} (U | project e, r) on $left.d == $right.e"
        ));
    }
    surroundings.check("T | project s | join (U | project s, l) on s");
    surroundings.check("T | join U on i | summarize count() by i, s1");
    surroundings.check("T | lookup (U | summarize n = count() by s) on s");
}

#[test]
fn order_is_kept_where_it_is_seen() {
    let surroundings = Surroundings::new(3, 200);
    for query in [
        "T | sort by d asc, s, l, k, i, t | project d, s, l, k, i, t",
        "T | sort by r asc nulls last, s asc, l asc, k asc, i asc, t | project r, s, l, k, i, t | take 10",
        "T | top 7 by d asc, s, l, k, i, t | project d, s, l, k, i, t",
        "T | project d, s, l, k | sort by d asc, s, l, k | serialize n = row_number(), p = prev(s), q = next(l), c = row_cumsum(k)",
        "T | project d, s, l, k | sort by s asc, d, l, k | extend n = row_rank_dense(s), m = row_rank_min(d, s != prev(s)) | where n > 2",
        "T | project s, l, k, d | sort by s asc, d, l, k | summarize make_list(l), make_list(k) by s | sort by s asc",
        "datatable(a: long)[3, 1, 2] | extend n = row_number() | summarize make_list(a), make_list(n)",
        "T | project d, s, l, k | sort by d asc, s, l, k | mv-expand z = pack_array(l, s) | serialize n = row_number()",
    ] {
        surroundings.check_in_order(query);
    }
}
